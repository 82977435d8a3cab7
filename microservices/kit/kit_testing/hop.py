"""What one internal call costs: CPU on both ends, and its latency.

`python -m kit_testing.hop [CALLS]` serves an /internal operation with granian in a process of
its own, calls it with `ServiceClient`, one call at a time and then eight, and prints
microseconds per call. The operation reads three fields and touches no database.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import uvloop
from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from kit.app import create_app
from kit.http import HttpPool, ServiceClient
from kit.json import json_response
from kit.routing import internal_router
from kit.schemas import IntegerId, Strict
from kit.settings import ServiceSettings
from kit_testing.tokens import SERVICE_SECRET

_TICKS = os.sysconf("SC_CLK_TCK")


class Batch(Strict):
    product_ids: Annotated[list[IntegerId], Field(max_length=100)]


class HopSettings(ServiceSettings):
    component = "hop"


def _router() -> APIRouter:
    router = internal_router("caller")

    @router.post("/batch")
    async def batch(body: Batch) -> Response:
        return json_response({"available": dict.fromkeys(map(str, body.product_ids), 7)})

    return router


def build_app() -> object:
    """The callee, for `granian --factory`."""
    secret = Path(os.environ["SERVICE_TOKEN_SECRET_FILE"])
    settings = HopSettings(
        database_url="postgresql://nobody@127.0.0.1:9/none",
        redis_url="redis://127.0.0.1:9/0",
        service_token_secret_file=secret,
    )
    return create_app(settings, routers=[_router()])


def _cpu_seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [pid, *(member for child in children for member in _family(int(child)))]


async def _measure(client: ServiceClient, server: list[int], calls: int, at_once: int) -> None:
    async def caller() -> None:
        for _ in range(calls // at_once):
            reply = await client.post("/internal/batch", {"product_ids": list(range(1, 21))})
            if reply.status != 200:  # noqa: PLR2004
                raise RuntimeError(f"unexpected answer {reply}")

    cpu_here, cpu_there, started = time.process_time(), _cpu_seconds(server), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    took = time.perf_counter() - started
    here = (time.process_time() - cpu_here) / calls * 1e6
    there = (_cpu_seconds(server) - cpu_there) / calls * 1e6
    print(
        f"{at_once} at once: caller {here:.0f} + callee {there:.0f} = {here + there:.0f} us CPU,"
        f" {took / calls * at_once * 1e6:.0f} us each"
    )


async def _run(port: int, pid: int, calls: int) -> None:
    pool = HttpPool()
    await pool.start()
    client = ServiceClient(
        pool,
        base_url=f"http://127.0.0.1:{port}",
        caller="caller",
        callee="hop",
        secret=SERVICE_SECRET,
    )
    while True:
        try:
            async with pool.session.get(f"http://127.0.0.1:{port}/healthz"):
                break
        except OSError:
            await asyncio.sleep(0.05)
    for _ in range(500):
        await client.post("/internal/batch", {"product_ids": [1]})
    for at_once in (1, 8):
        await _measure(client, _family(pid), calls, at_once)
    await pool.close()


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(SERVICE_SECRET, encoding="utf-8")
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory"]
        command += ["--host", "127.0.0.1", "--port", str(port), "kit_testing.hop:build_app"]
        environment = {**os.environ, "SERVICE_TOKEN_SECRET_FILE": str(secret)}
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            uvloop.run(_run(port, server.pid, calls))
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
