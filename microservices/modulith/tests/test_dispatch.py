"""Each request reaches the service that answers it, and answers as it would by itself."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import database_of
from httpx import ASGITransport, AsyncClient
from kit.routing import ApiRoute

from modulith.bootstrap import build_app
from modulith.dispatch import Dispatch
from modulith.settings import Settings

SERVICES = Path(__file__).parents[2]


def public_operations() -> set[tuple[str, str]]:
    """What the services' own descriptions promise."""
    found = set()
    for file in SERVICES.glob("*/openapi.json"):
        for path, operations in json.loads(file.read_text(encoding="utf-8"))["paths"].items():
            if path.startswith("/api/"):
                found |= {(method.upper(), path) for method in operations}
    return found


async def test_every_public_operation_is_answered(client: AsyncClient) -> None:
    operations = public_operations()
    assert len(operations) > 20
    for method, path in sorted(operations):
        answer = await client.request(method, path.format(product_id="0", order_id="0"))
        told = answer.json()
        assert answer.status_code != 405, (method, path)
        assert (answer.status_code, told.get("type")) != (500, "internal-error"), (method, path)


async def test_each_service_keeps_what_is_its_own(app: Dispatch) -> None:
    assert len({id(one.state.database) for one in app.services}) == len(app.services) == 8
    for one in app.services:
        routes = [route for route in one.routes if isinstance(route, ApiRoute)]
        assert {app.owner(route.path) for route in routes} == {one}
        database = database_of(app, one.state.settings.component)
        assert str(database.engine.url.database).startswith(
            f"modulith_{one.state.settings.component}"
        )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/products/",
        "/api/v1/products//recommendations",
        "/api/v1/products/1/recommendations/",
        "/api/v1/categories%0A",
        "/internal/products/batch",
        "/.well-known/jwks.json",
        "/openapi.json",
    ],
)
async def test_what_no_service_has_in_public_is_not_found(client: AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await client.request(method, path, content=b"{}")
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_method_that_is_not_supported(client: AsyncClient) -> None:
    answer = await client.delete("/api/v1/products/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")
    answer = await client.put("/api/v1/products/1/recommendations")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    answer = await client.head("/readyz")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_health(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert (await client.get("/version")).json()["component"] == "modulith"


async def test_it_is_not_ready_without_all_its_databases(settings: Settings) -> None:
    assert settings.cart is not None
    nowhere = settings.cart.model_copy(update={"database_url": "postgresql://x@127.0.0.1:1/x"})
    app = build_app(replace(settings, cart=nowhere))
    transport = ASGITransport(app)
    async with (
        app.rest.router.lifespan_context(app.rest),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "dependency-unavailable")
