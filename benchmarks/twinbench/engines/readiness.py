"""Asks components whether they can do their work, each in its own protocol."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg

Probe = Callable[[], Awaitable[bool]]

_HOST = "127.0.0.1"
_ANSWER_SECONDS = 2.0
_HTTP_OK = b" 200 "
_REFUSAL = "password authentication failed"  # libpq tells no SQLSTATE of a failed connection


class LoginRefusedError(OSError):
    """The database knows another password: waiting does not mend that."""


def http_probe(port: int, path: str, host: str = _HOST) -> Probe:
    """Ready when the path is answered with 200."""

    async def probe() -> bool:
        request = f"GET {path} HTTP/1.1\r\nHost: {_HOST}:{port}\r\nConnection: close\r\n\r\n"
        line = await _first_line(host, port, request.encode())
        return _HTTP_OK in line

    return probe


def gateway_probe(port: int, host: str = _HOST) -> Probe:
    """Ready when anything is answered that is not the gateway's own 503."""

    async def probe() -> bool:
        request = f"GET /api/v1/categories HTTP/1.1\r\nHost: {_HOST}:{port}\r\n"
        line = await _first_line(host, port, f"{request}Connection: close\r\n\r\n".encode())
        return line.startswith(b"HTTP/1.1 ") and not line.startswith(b"HTTP/1.1 50")

    return probe


def valkey_probe(port: int, password: str | None, host: str = _HOST) -> Probe:
    """Ready when PING is answered with PONG; while it loads its data the answer is an error."""

    async def probe() -> bool:
        login = f"AUTH {password}\r\n" if password else ""
        answer = await _exchange(host, port, f"{login}PING\r\nQUIT\r\n".encode())
        return b"+PONG" in answer

    return probe


async def empty_valkey(port: int, password: str | None, host: str = _HOST) -> bool:
    """Forgets all keys and cuts all connections, so that clients declare anew what they need.

    Whether everything was done.
    """
    login = f"AUTH {password}\r\n" if password else ""
    cuts = "CLIENT KILL TYPE pubsub\r\nCLIENT KILL TYPE normal SKIPME yes\r\n"
    answer = await _exchange(host, port, f"{login}FLUSHALL SYNC\r\n{cuts}QUIT\r\n".encode())
    return not any(line.startswith(b"-") for line in answer.splitlines())


def postgres_probe(url: str) -> Probe:
    """Ready when a query is answered. Raises LoginRefusedError."""

    async def probe() -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=2) as connection:
                await connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if _REFUSAL in str(error):
                raise LoginRefusedError from error
            return False
        return True

    return probe


def file_probe(file: Path) -> Probe:
    """Ready when the component has made the file that it was told of."""

    async def probe() -> bool:
        return os.path.exists(file)  # noqa: ASYNC240, PTH110 -- a local file, at once

    return probe


async def answers(probe: Probe) -> bool:
    """Whether it is ready now."""
    try:
        return await will_answer(probe)
    except LoginRefusedError:
        return False


async def will_answer(probe: Probe) -> bool:
    """Whether it is ready now. Raises LoginRefusedError, when it never will be."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await probe()
    except LoginRefusedError:
        raise
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def _first_line(host: str, port: int, request: bytes) -> bytes:
    return (await _exchange(host, port, request)).split(b"\r\n", 1)[0]


async def _exchange(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()
