"""What a traced answer tells of direct calls, and that it is what services tell."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from unittest.mock import patch
from uuid import uuid4

import pytest
from conftest import LAMP
from fakes import FakeAcquirer
from httpx import ASGITransport, AsyncClient, Response
from kit import tracing
from kit.errors import DependencyUnavailable
from kit.routing import InternalRoute
from kit.tracing import ServerTiming
from starlette.types import Receive, Scope, Send
from test_shop import ADDRESS, PASSWORD

from modulith import tracing as direct
from modulith.bootstrap import build_app
from modulith.dispatch import Dispatch
from modulith.settings import Settings
from modulith.tracing import OPERATIONS, TracedCalls


@pytest.fixture
async def traced(
    client: AsyncClient, variables: dict[str, str], acquirer: FakeAcquirer
) -> AsyncIterator[AsyncClient]:
    """A customer of a second modulith on the same databases, which hold what `client` has put
    there, with tracing on."""
    with patch.dict(os.environ, {**variables, "TRACE": "server-timing"}):
        app = build_app(Settings.load(), acquirer=acquirer)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.rest.router.lifespan_context(app.rest),
        AsyncClient(transport=transport, base_url="http://test") as customer,
    ):
        who = {"email": f"{uuid4()}@shop.example", "password": PASSWORD}
        await customer.post("/api/v1/accounts", json={**who, "name": "Ada"})
        token = (await customer.post("/api/v1/sessions", json=who)).json()["access_token"]
        customer.headers["Authorization"] = f"Bearer {token}"
        yield customer


def operations(answer: Response) -> list[str]:
    return re.findall(r'call;dur=[\d.]+;desc="([^"]+)"', answer.headers["Server-Timing"])


def test_operations_are_those_of_the_services(app: Dispatch) -> None:
    known = {
        f"{service.state.settings.component} {method} {route.path}"
        for service in app.services
        for route in service.routes
        if isinstance(route, InternalRoute)
        for method in route.methods or ()
    }
    assert set(OPERATIONS.values()) == known


async def test_nothing_is_told_unless_it_is_asked_for(client: AsyncClient) -> None:
    answer = await client.get(f"/api/v1/products/{LAMP}")
    assert "Server-Timing" not in answer.headers


async def test_an_answer_tells_of_its_calls(traced: AsyncClient) -> None:
    answer = await traced.get(f"/api/v1/products/{LAMP}")
    assert operations(answer) == ["inventory POST /internal/stock/availability"]
    told = answer.headers["Server-Timing"]
    assert told.startswith('app;desc="catalog GET /api/v1/products/{product_id}";')
    figures = re.search(r'call;dur=([\d.]+);desc="[^"]+";own=([\d.]+);cpu=([\d.]+)', told)
    assert figures is not None
    wall, own, cpu = map(float, figures.groups())
    assert 0 < cpu <= own < wall


async def test_an_order_tells_of_each_step(traced: AsyncClient) -> None:
    line = {"quantity": 1}
    answer = await traced.put(f"/api/v1/cart/items/{LAMP}", json=line)
    assert operations(answer) == ["catalog POST /internal/products/batch"]
    body = {"payment_token": "tok_ok", "shipping_address": ADDRESS}
    order = await traced.post(
        "/api/v1/orders", json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    assert operations(order) == [
        "cart GET /internal/carts/{account_id}",
        "catalog POST /internal/products/batch",
        "inventory POST /internal/reservations",
        "payments POST /internal/payments/{order_id}/authorize",
        "inventory POST /internal/reservations/{order_id}/commit",
        "payments POST /internal/payments/{order_id}/capture",
        "cart POST /internal/carts/{account_id}/clear",
    ]
    cancelled = await traced.post(f"/api/v1/orders/{order.json()['id']}/cancel")
    assert sorted(operations(cancelled)) == [
        "inventory POST /internal/reservations/{order_id}/release",
        "payments POST /internal/payments/{order_id}/refund",
    ]


async def test_a_call_that_is_too_late_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, go = TracedCalls(), asyncio.Event()

    async def work() -> None:
        await go.wait()

    monkeypatch.setitem(direct.OPERATIONS, work.__qualname__, "slow GET /internal/x")

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        with pytest.raises(DependencyUnavailable):
            await calls.make(work(), seconds=0.01)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = ASGITransport(ServerTiming(app, component="sample"))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.headers["Server-Timing"].endswith(", lost;desc=1")
    go.set()
    await calls.finish()


async def test_work_beside_requests_is_not_traced() -> None:
    assert tracing.current() is None
    assert await TracedCalls().make(asyncio.sleep(0, "answer")) == "answer"
