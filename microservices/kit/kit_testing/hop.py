"""What one internal call costs: CPU on both ends, and how much of it is the kit's.

`python -m kit_testing.hop` serves an /internal operation with granian in a process of its own and
calls it with `ServiceClient`, one call at a time and then eight. In turn with it, bare aiohttp
calls a bare ASGI answer of the same size in the same process: what is above that is the kit's.
Each figure is the best of many short bursts, because other work on the machine only ever adds.
The operation validates twenty ids and touches no database.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, ClassVar

import aiohttp
import orjson
import uvloop
from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.app import create_app
from kit.http import HttpPool, ServiceClient
from kit.json import dumps, json_response
from kit.routing import internal_router
from kit.schemas import IntegerId, Strict
from kit.settings import ServiceSettings
from kit_testing.tokens import SERVICE_SECRET

Call = Callable[[], Awaitable[object]]

_IDS = list(range(1, 21))
_ANSWER = {"available": {str(number): 7 for number in _IDS}}
_BURST = 160
_BURSTS = 30


class Batch(Strict):
    product_ids: Annotated[list[IntegerId], Field(max_length=100)]


class HopSettings(ServiceSettings):
    component: ClassVar[str] = "hop"


def _router() -> APIRouter:
    router = internal_router("caller")

    @router.post("/batch")
    async def batch(body: Batch) -> Response:
        return json_response({"available": dict.fromkeys(map(str, body.product_ids), 7)})

    return router


def build_app() -> ASGIApp:
    """The callee, for `granian --factory`: the kit's app, and /bare beside it."""
    settings = HopSettings(
        database_url="postgresql://nobody@127.0.0.1:9/none",
        redis_url="redis://127.0.0.1:9/0",
        service_token_secret_file=Path(os.environ["SERVICE_TOKEN_SECRET_FILE"]),
    )
    app, answer = create_app(settings, routers=[_router()]), dumps(_ANSWER)

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/bare":
            await app(scope, receive, send)
            return
        await receive()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return either


def _cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children, all threads, to the nanosecond."""

    def words(task: Path, name: str) -> list[str]:
        return (task / name).read_text(encoding="utf-8").split()

    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    used = sum(int(words(task, "schedstat")[0]) for task in tasks) / 1e9
    return used + sum(_cpu_seconds(int(pid)) for task in tasks for pid in words(task, "children"))


async def _burst(call: Call, at_once: int, server: int) -> tuple[float, float]:
    async def caller() -> None:
        for _ in range(_BURST // at_once):
            await call()

    here, there = time.process_time(), _cpu_seconds(server)
    await asyncio.gather(*(caller() for _ in range(at_once)))
    used = time.process_time() - here, _cpu_seconds(server) - there
    return used[0] / _BURST * 1e6, used[1] / _BURST * 1e6


async def _measure(calls: dict[str, Call], server: int) -> None:
    for at_once in (1, 8):
        best = dict.fromkeys(calls, (float("inf"), float("inf")))
        for _ in range(_BURSTS):
            for name, call in calls.items():
                best[name] = min(best[name], await _burst(call, at_once, server), key=sum)
        for name, (here, there) in best.items():
            cost = f"caller {here:.0f} + callee {there:.0f} = {here + there:.0f} us"
            print(f"{at_once} at once, {name}: {cost}")


async def _run(port: int, server: int) -> None:
    url = f"http://127.0.0.1:{port}"
    pool = HttpPool()
    await pool.start()
    client = ServiceClient(pool, base_url=url, caller="caller", callee="hop", secret=SERVICE_SECRET)

    async def kit() -> None:
        reply = await client.post("/internal/batch", {"product_ids": _IDS})
        if reply.body != _ANSWER:
            raise RuntimeError(f"unexpected answer {reply}")

    async def bare() -> None:
        async with pool.session.post(f"{url}/bare", data=b"{}") as response:
            orjson.loads(await response.read())

    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            await bare()
            break
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)
    await _measure({"bare": bare, "kit": kit}, server)
    await pool.close()


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(SERVICE_SECRET, encoding="utf-8")
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory"]
        command += ["--host", "127.0.0.1", "--port", str(port), "kit_testing.hop:build_app"]
        environment = {**os.environ, "SERVICE_TOKEN_SECRET_FILE": str(secret)}
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)  # noqa: S603
        try:
            uvloop.run(_run(port, server.pid))
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
