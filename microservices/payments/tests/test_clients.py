"""How often, and how long, the acquirer is tried."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kit.errors import DependencyUnavailable
from kit.http import HttpPool
from kit_testing.lapses import LAPSES, MARGIN, lapsing, outlived

from payments.clients import ATTEMPTS, AcquirerUnavailable, Authorization, HttpAcquirer

HANG = 0


class Stub:
    """Answers with each planned status in turn, the last one for ever; HANG never answers."""

    def __init__(self) -> None:
        self.plan = [200]
        self.body: object = {}
        self.requests: list[tuple[str, object]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, orjson.loads(await request.read())))
        status = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
        if status == HANG:
            await asyncio.Event().wait()
        return web.Response(status=status, body=orjson.dumps(self.body))


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    found = HttpPool()
    await found.start()
    yield found
    await found.close()


@pytest.fixture
async def acquirer(stub: Stub, pool: HttpPool) -> AsyncIterator[HttpAcquirer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    async with TestServer(app, shutdown_timeout=0) as server:
        yield HttpAcquirer(pool, str(server.make_url("")), attempt_seconds=0.1)


@pytest.fixture
def reference() -> UUID:
    return uuid4()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, {"status": "authorized"}, Authorization.AUTHORIZED),
        (200, {"status": "captured"}, Authorization.AUTHORIZED),
        (201, {"status": "declined"}, Authorization.DECLINED),
        (409, {}, Authorization.WITHDRAWN),
    ],
)
async def test_authorize(
    acquirer: HttpAcquirer,
    stub: Stub,
    status: int,
    body: dict[str, str],
    expected: Authorization,
) -> None:
    stub.plan, stub.body = [status], body
    reference = uuid4()
    assert await acquirer.authorize(reference, amount=5, token="tok_ok") is expected
    asked = {
        "reference": str(reference),
        "amount": {"amount": 5, "currency": "EUR"},
        "token": "tok_ok",
    }
    assert stub.requests == [("/authorizations", asked)]


@pytest.mark.parametrize("failure", [500, 502, HANG])
async def test_a_second_attempt_is_enough(
    acquirer: HttpAcquirer, stub: Stub, reference: UUID, failure: int
) -> None:
    stub.plan = [failure, 200]
    assert await acquirer.capture(reference)
    assert len(stub.requests) == 2


@pytest.mark.parametrize("failure", [500, 503, HANG])
async def test_there_is_no_third(
    acquirer: HttpAcquirer, stub: Stub, reference: UUID, failure: int
) -> None:
    stub.plan = [failure]
    with pytest.raises(AcquirerUnavailable):
        await acquirer.refund(reference)
    assert len(stub.requests) == 2


async def test_what_it_does_not_understand_is_not_asked_again(
    acquirer: HttpAcquirer, stub: Stub, reference: UUID
) -> None:
    stub.plan = [422]
    with pytest.raises(AcquirerUnavailable):
        await acquirer.capture(reference)
    assert len(stub.requests) == 1


async def test_nobody_listens(pool: HttpPool, reference: UUID) -> None:
    with pytest.raises(AcquirerUnavailable):
        await HttpAcquirer(pool, "http://127.0.0.1:1").capture(reference)


@pytest.mark.parametrize(
    ("status", "body", "taken"),
    [
        (200, {"status": "voided", "token": "tok_ok"}, True),
        (200, {"status": "refunded", "token": "tok_ok"}, True),
        (200, {"status": "voided", "token": ""}, False),
        (409, {}, False),
    ],
)
async def test_whether_anything_was_taken(
    acquirer: HttpAcquirer, stub: Stub, status: int, body: dict[str, str], taken: bool
) -> None:
    stub.plan, stub.body = [status], body
    assert (await acquirer.refund(uuid4())).taken is taken


async def test_a_refused_capture(acquirer: HttpAcquirer, stub: Stub, reference: UUID) -> None:
    stub.plan = [409]
    assert not await acquirer.capture(reference)


@pytest.mark.parametrize("lapse", LAPSES)
async def test_no_call_outlives_its_deadline(pool: HttpPool, lapse: str) -> None:
    seconds = 0.2
    async with lapsing(LAPSES[lapse]) as port:
        acquirer = HttpAcquirer(pool, f"http://127.0.0.1:{port}", attempt_seconds=seconds)

        async def ask() -> None:
            try:
                await acquirer.capture(uuid4())
            except AcquirerUnavailable as error:
                raise DependencyUnavailable from error

        assert await outlived(ask, ATTEMPTS * seconds) <= MARGIN
