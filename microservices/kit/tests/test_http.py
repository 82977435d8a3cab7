"""Calls between services, against a real server that misbehaves as told."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kit import deadlines
from kit.breaker import Breaker, RetryBudget
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit_testing.tokens import SERVICE_SECRET

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Callee:
    """Answers with what is next in `script`, and with 200 afterwards."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.seen: list[web.Request] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        if self.script:
            return await self.script.pop(0)(request)
        return web.json_response({"n": len(self.seen)})


def problem(kind: str, status: int) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        body = {"type": kind, "status": status}
        return web.json_response(body, status=status, content_type="application/problem+json")

    return answer


async def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hold(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def not_json(_: web.Request) -> web.Response:
    return web.Response(text="<html>")


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    pool = HttpPool()
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture
async def callee() -> AsyncIterator[tuple[Callee, str]]:
    callee = Callee()
    app = web.Application()
    app.router.add_route("*", "/internal/x", callee.serve)
    async with TestServer(app) as server:
        yield callee, str(server.make_url("/"))


def client_for(pool: HttpPool, url: str, seconds: float = 2.0) -> ServiceClient:
    return ServiceClient(
        pool, base_url=url, caller="a", callee="b", secret=SERVICE_SECRET, timeout=seconds
    )


async def test_what_a_call_carries(pool: HttpPool, callee: tuple[Callee, str]) -> None:
    served, url = callee
    client = client_for(pool, url)
    assert await client.post("/internal/x", {"a": 1}) == (200, {"n": 1})
    [request] = served.seen
    assert request.headers["Authorization"].startswith("Bearer ")
    assert request.headers["Content-Type"] == "application/json"
    left = int(request.headers["X-Deadline"]) / 1000 - time.time()
    assert 0 < left <= 2


async def test_the_callers_deadline_is_handed_on(
    pool: HttpPool, callee: tuple[Callee, str]
) -> None:
    served, url = callee
    deadline = int((time.time() + 0.5) * 1000)

    async def as_a_callee() -> None:
        deadlines.accept(str(deadline))
        await client_for(pool, url).get("/internal/x")

    await asyncio.create_task(as_a_callee())
    assert served.seen[0].headers["X-Deadline"] == str(deadline)


@pytest.mark.parametrize("kind", ["out-of-stock", "payment-unavailable"])
async def test_the_callees_own_problems_are_answers(
    pool: HttpPool, callee: tuple[Callee, str], kind: str
) -> None:
    served, url = callee
    served.script = [problem(kind, 503)]
    assert (await client_for(pool, url).post("/internal/x", idempotent=True)).status == 503
    assert len(served.seen) == 1


@pytest.mark.parametrize(
    "failure",
    [problem("internal-error", 500), problem("dependency-unavailable", 503), hang_up, not_json],
)
async def test_only_what_may_be_repeated_is(
    pool: HttpPool, callee: tuple[Callee, str], failure: Answer
) -> None:
    served, url = callee
    served.script = [failure]
    with pytest.raises(DependencyUnavailable):
        await client_for(pool, url).post("/internal/x")
    assert len(served.seen) == 1
    served.script = [failure]
    assert (await client_for(pool, url).post("/internal/x", idempotent=True)).status == 200
    served.script = [failure]
    assert (await client_for(pool, url).get("/internal/x")).status == 200
    assert len(served.seen) == 5


async def test_a_call_ends_at_its_deadline(pool: HttpPool, callee: tuple[Callee, str]) -> None:
    served, url = callee
    served.script = [hold]
    started = time.monotonic()
    with pytest.raises(DependencyUnavailable):
        await client_for(pool, url, 0.2).get("/internal/x")
    # Held, it would never end: the margin is for the machine.
    assert time.monotonic() - started < 10
    assert len(served.seen) == 1


async def test_retries_are_a_small_share_of_calls(
    pool: HttpPool, callee: tuple[Callee, str]
) -> None:
    served, url = callee
    client = client_for(pool, url)
    refused = 0
    for _ in range(60):
        served.script = [problem("internal-error", 500)]
        try:
            await client.get("/internal/x")
        except DependencyUnavailable:
            refused += 1
            # An answer in between keeps the breaker closed.
            served.script = []
            await client.get("/internal/x")
    calls = 60 + refused
    assert 60 - refused <= 5 + calls * 0.1 + 1


async def test_the_breaker_opens(pool: HttpPool, callee: tuple[Callee, str]) -> None:
    """Five calls fail; of the next hundred, one a second goes through."""
    served, url = callee
    served.script = [problem("internal-error", 500)] * 105
    client = client_for(pool, url)
    started = time.monotonic()
    for _ in range(105):
        with pytest.raises(DependencyUnavailable):
            await client.post("/internal/x")
    assert 5 <= len(served.seen) <= 5 + time.monotonic() - started


def test_a_breaker_lets_one_call_try() -> None:
    breaker = Breaker(threshold=2, pause=0.0)
    breaker.failed()
    breaker.admit()
    breaker = Breaker(threshold=1, pause=60.0)
    breaker.failed()
    with pytest.raises(DependencyUnavailable):
        breaker.admit()
    breaker.succeeded()
    breaker.admit()


def test_a_budget_is_earned_by_calls() -> None:
    budget = RetryBudget(share=0.5, burst=1)
    assert [budget.spend(), budget.spend()] == [True, False]
    budget.earn()
    assert not budget.spend()
    budget.earn()
    assert budget.spend()


async def test_a_directory_says_where_a_service_is_now(
    callee: tuple[Callee, str], tmp_path: Path
) -> None:
    served, url = callee
    place = url.removeprefix("http://").rstrip("/")
    file = tmp_path / "directory"
    file.write_text("other 127.0.0.1:1\nb 127.0.0.1:1\n")
    pool = HttpPool()
    pool.directory = file
    await pool.start()
    client = client_for(pool, "http://b:8000")
    with pytest.raises(DependencyUnavailable):
        await client.get("/internal/x")
    file.write_text(f"other 127.0.0.1:1\nb {place}\n")
    assert (await client.get("/internal/x")).status == 200
    file.write_text(f"b 127.0.0.1:1\nb {place}\n")
    await asyncio.gather(*(client.get("/internal/x") for _ in range(6)))
    assert len(served.seen) == 7
    await pool.close()
