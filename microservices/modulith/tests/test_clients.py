"""The ports answer alike, whether a service is called directly or over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cart.clients import Catalog, HttpCatalog
from cart.services import cart_line_set
from catalog.clients import HttpStock, Stock
from conftest import DESK, LAMP, database_of
from fakes import FakeAcquirer
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from inventory.services import stock_set
from kit.db import Database
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit_testing.tokens import SERVICE_SECRET
from orders import clients as of_orders
from orders.clients import Authorization, CartLine, CartSnapshot, Collaborators, Product
from orders.domain import Line, PaymentStatus
from sqlalchemy import make_url

from modulith.calls import Calls
from modulith.clients.catalog import DirectStock
from modulith.clients.orders import DirectInventory
from modulith.dispatch import Dispatch


@dataclass(frozen=True, slots=True)
class Ports:
    """Every collaborator that any service has."""

    cart_catalog: Catalog
    stock: Stock
    orders: Collaborators


@pytest.fixture(scope="module")
async def over_http(app: Dispatch) -> AsyncIterator[Ports]:
    """The HTTP clients of all, each before the callee's whole app."""
    async with AsyncExitStack() as stack:
        pool = HttpPool()
        await pool.start()
        stack.push_async_callback(pool.close)
        urls = {name(one): await stack.enter_async_context(_served(one)) for one in app.services}

        def client(caller: str, callee: str) -> ServiceClient:
            return ServiceClient(
                pool, base_url=urls[callee], caller=caller, callee=callee, secret=SERVICE_SECRET
            )

        yield Ports(
            HttpCatalog(client("cart", "catalog")),
            HttpStock(client("catalog", "inventory")),
            Collaborators(
                cart=of_orders.HttpCart(client("orders", "cart")),
                catalog=of_orders.HttpCatalog(client("orders", "catalog")),
                inventory=of_orders.HttpInventory(client("orders", "inventory")),
                payments=of_orders.HttpPayments(client("orders", "payments")),
            ),
        )


class _served:  # noqa: N801 - used as a function
    """The app behind a real HTTP server, as long as the block lasts."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = AsyncClient(transport=ASGITransport(app), base_url="http://inner")
        outer = web.Application()
        outer.router.add_route("*", "/{path:.*}", self._handle)
        self._server = TestServer(outer)

    async def _handle(self, request: web.Request) -> web.Response:
        answer = await self._inner.request(
            request.method, request.path, content=await request.read(), headers=request.headers
        )
        return web.Response(status=answer.status_code, body=answer.content)

    async def __aenter__(self) -> str:
        await self._server.start_server()
        return str(self._server.make_url("/"))

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()
        await self._inner.aclose()


@pytest.fixture
def direct(app: Dispatch) -> Ports:
    """As the services were given them."""
    state: dict[str, Any] = {name(one): one.state for one in app.services}
    return Ports(state["cart"].catalog, state["catalog"].stock, state["orders"].collaborators)


@pytest.fixture(params=["direct", "over_http"])
def ports(request: pytest.FixtureRequest, client: AsyncClient) -> Ports:
    found: Ports = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def order_id() -> UUID:
    return uuid4()


def name(service: FastAPI) -> str:
    return str(service.state.settings.component)


def lines(*wanted: tuple[int, int]) -> Sequence[Line]:
    return [Line(product_id, "", 0, quantity) for product_id, quantity in wanted]


async def test_products_that_are_unknown_are_missing(ports: Ports) -> None:
    expected = {LAMP: ("Lamp", 1999), DESK: ("Desk", 15000)}
    assert await ports.cart_catalog.products([LAMP, DESK, 77]) == expected
    assert await ports.orders.catalog.products([LAMP, DESK, 77]) == expected
    assert await ports.orders.catalog.products([]) == {}
    assert type((await ports.orders.catalog.products([LAMP]))[LAMP]) is Product


async def test_stock(ports: Ports) -> None:
    assert await ports.stock.available(LAMP) == 100
    assert await ports.stock.available(77) == 0


async def test_a_cart_is_cleared_by_version(ports: Ports, app: Dispatch) -> None:
    account_id, database = uuid4(), database_of(app, "cart")
    assert await ports.orders.cart.snapshot(account_id) == CartSnapshot(0, ())
    for product_id in (DESK, LAMP):
        await cart_line_set(
            database, ports.cart_catalog, account_id=account_id, product_id=product_id, quantity=2
        )
    full = CartSnapshot(2, (CartLine(LAMP, 2), CartLine(DESK, 2)))
    await ports.orders.cart.clear(account_id, version=1)
    assert await ports.orders.cart.snapshot(account_id) == full
    await ports.orders.cart.clear(account_id, version=2)
    assert await ports.orders.cart.snapshot(account_id) == CartSnapshot(0, ())


async def test_all_lines_are_reserved_or_none(ports: Ports, order_id: UUID) -> None:
    inventory = ports.orders.inventory
    assert await inventory.reserve(order_id, lines((DESK, 60), (LAMP, 101), (DESK, 41))) == [1, 2]
    assert await ports.stock.available(DESK) == 100
    for _ in range(2):
        assert await inventory.reserve(order_id, lines((LAMP, 60), (LAMP, 40))) == []
        assert await ports.stock.available(LAMP) == 0
    for _ in range(2):
        assert await inventory.commit(order_id) is True


async def test_what_was_released_is_neither_reserved_nor_sold(ports: Ports, order_id: UUID) -> None:
    inventory = ports.orders.inventory
    assert await inventory.commit(order_id) is False
    await inventory.release(order_id)
    await inventory.release(order_id)
    assert await inventory.commit(order_id) is False
    with pytest.raises(DependencyUnavailable):
        await inventory.reserve(order_id, lines((LAMP, 1)))


async def pay(ports: Ports, order_id: UUID, card: str = "tok_ok") -> Authorization:
    return await ports.orders.payments.authorize(
        order_id, account_id=uuid4(), amount=1999, token=card
    )


async def test_a_payment_is_authorised_and_captured(ports: Ports, order_id: UUID) -> None:
    payments = ports.orders.payments
    assert await payments.status(order_id) is PaymentStatus.NONE
    for _ in range(2):
        assert await pay(ports, order_id) is Authorization.AUTHORIZED
    assert await payments.status(order_id) is PaymentStatus.AUTHORIZED
    for _ in range(2):
        assert await payments.capture(order_id) is True
    assert await pay(ports, order_id) is Authorization.AUTHORIZED
    await payments.refund(order_id)
    assert await payments.status(order_id) is PaymentStatus.REFUNDED
    assert await payments.capture(order_id) is False


async def test_a_declined_payment_captures_nothing(ports: Ports, order_id: UUID) -> None:
    assert await pay(ports, order_id, "tok_declined") is Authorization.DECLINED
    assert await ports.orders.payments.capture(order_id) is False


async def test_what_was_given_back_is_not_taken_again(ports: Ports, order_id: UUID) -> None:
    await ports.orders.payments.refund(order_id)
    assert await ports.orders.payments.status(order_id) is PaymentStatus.VOID
    assert await pay(ports, order_id) is Authorization.UNAVAILABLE


async def test_an_acquirer_that_does_not_answer(
    ports: Ports, order_id: UUID, acquirer: FakeAcquirer
) -> None:
    payments = ports.orders.payments
    acquirer.reachable = False
    assert await pay(ports, order_id) is Authorization.UNAVAILABLE
    assert await payments.status(order_id) is PaymentStatus.OPEN
    acquirer.reachable = True
    assert await pay(ports, order_id) is Authorization.AUTHORIZED
    acquirer.reachable = False
    for change in (payments.capture, payments.refund):
        with pytest.raises(DependencyUnavailable):
            await change(order_id)


async def test_a_payment_that_nobody_asked_for_is_not_captured(
    ports: Ports, order_id: UUID
) -> None:
    with pytest.raises(DependencyUnavailable):
        await ports.orders.payments.capture(order_id)


async def test_a_callee_without_a_database_is_unreachable(order_id: UUID) -> None:
    database = Database(make_url("postgresql+psycopg://nobody@127.0.0.1:1/none"), 1)
    assert await DirectStock(Calls(), database).available(LAMP) is None
    with pytest.raises(DependencyUnavailable):
        await DirectInventory(Calls(), database).release(order_id)
    await database.close()


async def test_stock_that_comes_late_is_not_waited_for(app: Dispatch, client: AsyncClient) -> None:
    """Who waits is told in time; the work itself goes on and keeps its connection."""
    database = database_of(app, "inventory")
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(database.read())
        answer = await client.get(f"/api/v1/products/{LAMP}")
        assert (answer.status_code, answer.json()["available"]) == (200, None)
    await stock_set(database, product_id=LAMP, on_hand=7)
    answer = await client.get(f"/api/v1/products/{LAMP}")
    assert answer.json()["available"] == 7
