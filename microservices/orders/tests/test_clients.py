"""The HTTP side of the ports, against a server that answers as the services do."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit_testing.tokens import SERVICE_SECRET

from orders.clients import (
    Authorization,
    CartLine,
    CartSnapshot,
    HttpCart,
    HttpCatalog,
    HttpInventory,
    HttpPayments,
    Product,
)
from orders.domain import Line, PaymentStatus

LINES = [Line(1, "Lamp", 1999, 2), Line(2, "Desk", 15000, 1)]
PROBLEM = {"type": "payment-unavailable"}


class Stub:
    """Answers every call with what it was told."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = None
        self.requests: list[tuple[str, str, object]] = []

    def will_answer(self, status: int, body: object = None) -> None:
        self.status, self.body = status, body

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.requests.append((request.method, request.path, orjson.loads(raw) if raw else None))
        body = b"" if self.body is None else orjson.dumps(self.body)
        return web.Response(status=self.status, body=body)


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[ServiceClient]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    pool = HttpPool()
    await pool.start()
    async with TestServer(app) as server:
        yield ServiceClient(
            pool,
            base_url=str(server.make_url("")),
            caller="orders",
            callee="stub",
            secret=SERVICE_SECRET,
        )
    await pool.close()


@pytest.fixture
def some_id() -> UUID:
    return uuid4()


async def test_cart(client: ServiceClient, stub: Stub, some_id: UUID) -> None:
    cart = HttpCart(client)
    stub.will_answer(200, {"version": 7, "lines": [{"product_id": 1, "quantity": 2}]})
    assert await cart.snapshot(some_id) == CartSnapshot(7, (CartLine(1, 2),))
    stub.will_answer(204)
    await cart.clear(some_id, version=7)
    assert stub.requests == [
        ("GET", f"/internal/carts/{some_id}", None),
        ("POST", f"/internal/carts/{some_id}/clear", {"version": 7}),
    ]


async def test_catalog(client: ServiceClient, stub: Stub) -> None:
    item = {"id": 1, "name": "Lamp", "price": {"amount": 1999, "currency": "EUR"}}
    stub.will_answer(200, {"items": [item]})
    assert await HttpCatalog(client).products([1, 2]) == {1: Product("Lamp", 1999)}
    assert stub.requests == [("POST", "/internal/products/batch", {"product_ids": [1, 2]})]


async def test_reserve(client: ServiceClient, stub: Stub, some_id: UUID) -> None:
    inventory = HttpInventory(client)
    stub.will_answer(201, {"status": "reserved"})
    assert await inventory.reserve(some_id, LINES) == []
    wanted = [{"product_id": 1, "quantity": 2}, {"product_id": 2, "quantity": 1}]
    body = {"order_id": str(some_id), "lines": wanted}
    assert stub.requests == [("POST", "/internal/reservations", body)]
    stub.will_answer(409, {"type": "out-of-stock", "products": [1, 2]})
    assert await inventory.reserve(some_id, LINES) == [1, 2]
    stub.will_answer(409, {"type": "reservation-released"})
    with pytest.raises(DependencyUnavailable):
        await inventory.reserve(some_id, LINES)


@pytest.mark.parametrize(("status", "committed"), [(200, True), (409, False)])
async def test_commit(
    client: ServiceClient, stub: Stub, some_id: UUID, status: int, committed: bool
) -> None:
    stub.will_answer(status, {})
    assert await HttpInventory(client).commit(some_id) is committed
    assert stub.requests == [("POST", f"/internal/reservations/{some_id}/commit", {})]


async def test_release(client: ServiceClient, stub: Stub, some_id: UUID) -> None:
    stub.will_answer(200, {"status": "released"})
    await HttpInventory(client).release(some_id)
    assert stub.requests == [("POST", f"/internal/reservations/{some_id}/release", {})]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"status": "authorized"}, Authorization.AUTHORIZED),
        (200, {"status": "declined"}, Authorization.DECLINED),
        (503, PROBLEM, Authorization.UNAVAILABLE),
        (409, {"type": "payment-withdrawn"}, Authorization.UNAVAILABLE),
    ],
)
async def test_authorize(
    client: ServiceClient, stub: Stub, status: int, body: object, expected: Authorization
) -> None:
    order_id, account_id = uuid4(), uuid4()
    stub.will_answer(status, body)
    payments = HttpPayments(client)
    authorization = await payments.authorize(
        order_id, account_id=account_id, amount=5, token="tok_ok"
    )
    assert authorization is expected
    asked = {
        "account_id": str(account_id),
        "amount": {"amount": 5, "currency": "EUR"},
        "token": "tok_ok",
    }
    assert stub.requests == [("POST", f"/internal/payments/{order_id}/authorize", asked)]


async def test_capture_and_refund(client: ServiceClient, stub: Stub, some_id: UUID) -> None:
    payments = HttpPayments(client)
    stub.will_answer(200, {"status": "captured"})
    assert await payments.capture(some_id)
    stub.will_answer(409, {"type": "payment-withdrawn"})
    assert not await payments.capture(some_id)
    stub.will_answer(503, PROBLEM)
    with pytest.raises(DependencyUnavailable):
        await payments.capture(some_id)
    with pytest.raises(DependencyUnavailable):
        await payments.refund(some_id)
    stub.will_answer(200, {"status": "void"})
    await payments.refund(some_id)


@pytest.mark.parametrize("status", list(PaymentStatus))
async def test_payment_status(
    client: ServiceClient, stub: Stub, some_id: UUID, status: PaymentStatus
) -> None:
    if status is PaymentStatus.NONE:
        stub.will_answer(404, {"type": "not-found"})
    else:
        stub.will_answer(200, {"status": status})
    assert await HttpPayments(client).status(some_id) is status
