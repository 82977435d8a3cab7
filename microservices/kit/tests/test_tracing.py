"""What answers tell of themselves and of the calls they waited for."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from kit import tracing
from kit.app import create_app
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit.json import json_response
from kit.routing import api_router
from kit_testing.tokens import SERVICE_SECRET
from tests.sample import ROUTERS, Settings

TOLD = 'app;desc="friend GET /internal/{name}";dur=2.0000;cpu=0.5000'
NESTED = 'call;dur=1.5000;desc="third GET /internal/{x}";own=1.0000;cpu=0.1000;from="friend"'

Use = Callable[[ServiceClient], Awaitable[object]]


def settings(secret_file: Path, trace: str = "server-timing") -> Settings:
    return Settings.load(
        database_url="postgresql://nobody@127.0.0.1:9/none",
        redis_url="redis://127.0.0.1:9/0",
        service_token_secret_file=secret_file,
        trace=trace,
    )


@asynccontextmanager
async def friend(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """The address of a service that answers all calls so."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


async def telling(request: web.Request) -> web.Response:
    await asyncio.sleep(float(request.query.get("takes", "0")))
    told = {"Server-Timing": f"{TOLD}, {NESTED}"} if "nested" in request.query else TOLD
    headers = told if isinstance(told, dict) else {"Server-Timing": told}
    return web.json_response({}, headers=headers)


async def answered(secret_file: Path, url: str, use: Use) -> Response:
    """By a traced service whose one operation does with its client what `use` says."""
    pool, router = HttpPool(), api_router("sample")
    client = ServiceClient(
        pool, base_url=url, caller="sample", callee="friend", secret=SERVICE_SECRET
    )

    @router.get("/uses/{number}")
    async def using(number: int) -> object:
        await use(client)
        return json_response({})

    given = settings(secret_file)
    app = create_app(given, routers=[router], http=pool)
    await pool.start()
    try:
        return await asked(app, "/api/v1/uses/7")
    finally:
        await pool.close()


async def asked(app: FastAPI, path: str) -> Response:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


def entries(answer: Response, name: str) -> list[dict[str, str]]:
    """Parameters of the entries of that name."""
    found = []
    for entry in answer.headers["Server-Timing"].split(", "):
        metric, *parameters = entry.split(";")
        if metric == name:
            found.append(dict(re.findall(r'(\w+)="?([^";]*)"?', ";".join(parameters))))
    return found


async def test_nothing_is_installed_unless_it_is_asked_for(service_secret_file: Path) -> None:
    pool = HttpPool()
    app = create_app(settings(service_secret_file, "off"), routers=ROUTERS, http=pool)
    assert "ServerTiming" not in [getattr(one.cls, "__name__", "") for one in app.user_middleware]
    assert pool.trace_configs == []
    assert "Server-Timing" not in (await asked(app, "/api/v1/things/1")).headers


def test_another_setting_stops_the_start(service_secret_file: Path) -> None:
    with pytest.raises(SystemExit, match="TRACE"):
        settings(service_secret_file, "yes")


@pytest.mark.parametrize(
    ("path", "status", "what"),
    [
        ("/api/v1/things/1", 200, "sample GET /api/v1/things/{thing_id}"),
        ("/api/v1/things/404", 404, "sample GET /api/v1/things/{thing_id}"),
        ("/nowhere", 404, "sample GET unmatched"),
    ],
)
async def test_every_answer_tells_what_it_took(
    service_secret_file: Path, path: str, status: int, what: str
) -> None:
    app = create_app(settings(service_secret_file), routers=ROUTERS)
    answer = await asked(app, path)
    assert answer.status_code == status
    [own] = entries(answer, "app")
    assert own["desc"] == what
    assert 0 < float(own["cpu"]) < 1000
    assert 0 < float(own["dur"]) < 1000
    assert not entries(answer, "call") + entries(answer, "calls")


async def test_a_call_is_told_as_both_ends_saw_it(service_secret_file: Path) -> None:
    async with friend(telling) as url:
        answer = await answered(
            service_secret_file, url, lambda client: client.get("/internal/x?takes=0.02")
        )
    [call], [whole], [own] = (entries(answer, name) for name in ("call", "calls", "app"))
    assert call["desc"] == "friend GET /internal/{name}"
    assert call["from"] == "sample"
    assert (call["own"], call["cpu"]) == ("2.0000", "0.5000")
    assert 20 <= float(call["dur"]) <= float(own["dur"])
    assert float(whole["dur"]) == pytest.approx(float(call["dur"]), abs=0.001)


async def test_calls_at_once_cover_less_than_their_sum(service_secret_file: Path) -> None:
    async def use(client: ServiceClient) -> None:
        await asyncio.gather(*(client.get("/internal/x?takes=0.05") for _ in range(4)))
        await client.get("/internal/x?takes=0.05")

    async with friend(telling) as url:
        answer = await answered(service_secret_file, url, use)
    calls, [whole], [own] = (entries(answer, name) for name in ("call", "calls", "app"))
    assert len(calls) == 5
    assert sum(float(call["dur"]) for call in calls) >= 250
    assert 100 <= float(whole["dur"]) < sum(float(call["dur"]) for call in calls)
    assert float(whole["dur"]) <= float(own["dur"])


async def test_what_the_callee_called_is_passed_on(service_secret_file: Path) -> None:
    async with friend(telling) as url:
        answer = await answered(
            service_secret_file, url, lambda client: client.get("/internal/x?nested=1")
        )
    assert [call["desc"] for call in entries(answer, "call")] == [
        "friend GET /internal/{name}",
        "third GET /internal/{x}",
    ]
    assert entries(answer, "call")[1]["dur"] == "1.5000"
    assert [call["from"] for call in entries(answer, "call")] == ["sample", "friend"]


async def test_the_header_stays_readable_however_many_calls_there_were(
    service_secret_file: Path,
) -> None:
    async def use(client: ServiceClient) -> None:
        for _ in range(200):
            await client.get("/internal/x")

    async with friend(telling) as url:
        answer = await answered(service_secret_file, url, use)
    assert len(answer.headers["Server-Timing"]) < 7000
    [left] = entries(answer, "left")
    assert int(left["desc"]) + len(entries(answer, "call")) == 200


async def test_each_attempt_is_a_call_and_one_without_answer_is_lost(
    service_secret_file: Path,
) -> None:
    script = ["refuse", "answer", "hang up"]

    async def scripted(request: web.Request) -> web.Response:
        match script.pop(0) if script else "answer":
            case "hang up":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "refuse":
                headers = {"Server-Timing": TOLD}
                return web.json_response({}, status=500, headers=headers)
        return await telling(request)

    async def use(client: ServiceClient) -> None:
        await client.post("/internal/x", idempotent=True)
        await client.post("/internal/x", idempotent=True)

    async with friend(scripted) as url:
        answer = await answered(service_secret_file, url, use)
    assert answer.status_code == 200
    assert len(entries(answer, "call")) == 3
    assert [one["desc"] for one in entries(answer, "lost")] == ["1"]


async def test_who_tells_nothing_of_itself_is_no_service(service_secret_file: Path) -> None:
    async def silent(_: web.Request) -> web.Response:
        return web.json_response({})

    async with friend(silent) as url:
        answer = await answered(service_secret_file, url, lambda client: client.get("/internal/x"))
    assert len(answer.headers["Server-Timing"].split(", ")) == 1


async def test_work_beside_requests_is_not_traced(service_secret_file: Path) -> None:
    pool = HttpPool()
    create_app(settings(service_secret_file), routers=(), http=pool)
    await pool.start()
    async with friend(telling) as url:
        client = ServiceClient(
            pool, base_url=url, caller="sample", callee="friend", secret=SERVICE_SECRET
        )
        assert (await client.get("/internal/x")).status == 200
    async with friend(telling) as gone:
        pass
    nobody = ServiceClient(
        pool, base_url=gone, caller="sample", callee="friend", secret=SERVICE_SECRET
    )
    with pytest.raises(DependencyUnavailable):
        await nobody.get("/internal/x")
    assert tracing.current() is None
    await pool.close()
