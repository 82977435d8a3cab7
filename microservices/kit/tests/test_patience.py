"""What has waited for too long is refused, and who only looks around before who goes on."""

import asyncio
import time
from collections.abc import Callable

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.patience import (
    GOING_ON,
    LONGEST,
    LOOKING,
    STANDING,
    STRAINED,
    Patience,
    Patient,
    stand_aside,
    under_strain,
)

SERVED, REFUSED = 200, 503


def strained() -> Patience:
    """Since 0.0."""
    patience = Patience()
    for now in (-STANDING, -STANDING / 2, 0.0):
        assert patience.lasts(STRAINED, now, LOOKING) is (now < 0)
    return patience


def test_nobody_waits_for_long() -> None:
    patience = Patience()
    assert patience.lasts(LONGEST - 0.1, 0.0, LOOKING)
    assert not patience.lasts(LONGEST, 0.1, GOING_ON)


def test_a_stall_strains_nothing() -> None:
    """Each has waited long, but for less than `STANDING`; then one has not."""
    patience = Patience()
    for now in (0.0, 0.9 * STANDING):
        assert patience.lasts(STRAINED, now, LOOKING)
    assert patience.lasts(STRAINED - 0.1, STANDING, LOOKING)
    assert patience.lasts(STRAINED, 1.5 * STANDING, LOOKING)


def test_where_all_wait_who_looks_around_is_refused_before_who_goes_on() -> None:
    patience = strained()
    assert patience.lasts(0.9 * LOOKING, 0.1, LOOKING)
    assert not patience.lasts(LOOKING, 0.1, LOOKING)
    assert patience.lasts(0.9 * GOING_ON, 0.1, GOING_ON)
    assert not patience.lasts(GOING_ON, 0.1, GOING_ON)


def test_who_is_signed_in_or_signs_in_goes_on() -> None:
    assert under_strain("GET", signed_in=False) == LOOKING
    assert under_strain("POST", signed_in=False) == GOING_ON
    assert under_strain("GET", signed_in=True) == GOING_ON


def test_strain_is_over_when_nobody_waits_any_more() -> None:
    patience = strained()
    for now in (1.0, 1.0 + STANDING / 2):
        assert patience.lasts(0.0, now, LOOKING)
    assert not patience.lasts(LOOKING, 1.9, LOOKING)
    for now in (2.0, 2.0 + STANDING):
        assert patience.lasts(0.0, now, LOOKING)
    assert patience.lasts(LOOKING, 4.0, LOOKING)


async def ok(scope: Scope, receive: Receive, send: Send) -> None:
    await Response()(scope, receive, send)


async def asked(app: ASGIApp, since: str | None) -> tuple[int, str | None, str | None]:
    headers = {} if since is None else {"X-Request-Start": since}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.post("/", content=b"x" * 100_000, headers=headers)
    kind = answer.json()["type"] if answer.content else None
    return answer.status_code, answer.headers.get("Retry-After"), kind


def ago(seconds: float) -> str:
    return str(round(1000 * (time.time() - seconds)))


async def test_a_refusal_is_the_contracts() -> None:
    refused = (REFUSED, "1", "dependency-unavailable")
    assert await asked(Patient(ok, at_once=1), ago(LONGEST + 0.1)) == refused


@pytest.mark.parametrize(
    "header", [lambda: ago(0.0), lambda: ago(-60.0), lambda: "soon", lambda: None]
)
async def test_others_are_served(header: Callable[[], str | None]) -> None:
    assert await asked(Patient(ok, at_once=1), header()) == (SERVED, None, None)


async def test_what_comes_from_within_takes_no_turn() -> None:
    app = Patient(ok, at_once=0)
    assert (await asked(app, None))[0] == SERVED
    assert (await asked(app, ago(LONGEST - 0.05)))[0] == REFUSED


async def test_turns_come_in_order_and_are_not_waited_for_too_long() -> None:
    came, began, go = list[str](), asyncio.Event(), asyncio.Event()

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        came.append(scope["path"])
        began.set()
        await go.wait()
        await ok(scope, receive, send)

    app = Patient(noting, at_once=1)
    first, second = (asyncio.create_task(path_asked(app, path)) for path in ("/1", "/2"))
    await began.wait()
    assert await path_asked(app, "/late", LONGEST - 0.05) == REFUSED
    assert came == ["/1"]
    go.set()
    assert [await first, await second] == [SERVED, SERVED]
    assert came == ["/1", "/2"]


async def test_who_waits_for_others_stands_aside() -> None:
    came = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/waits":
            stand_aside()
            await came.wait()
        came.set()
        await ok(scope, receive, send)

    app = Patient(waiting, at_once=1)
    waits, comes = (asyncio.create_task(path_asked(app, path)) for path in ("/waits", "/comes"))
    assert [await waits, await comes] == [SERVED, SERVED]


async def path_asked(app: ASGIApp, path: str, waited: float = 0.0) -> int:
    """The status of what is answered."""
    headers = {"X-Request-Start": ago(waited)}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        return (await client.get(path, headers=headers)).status_code
