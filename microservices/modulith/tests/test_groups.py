"""Some services in one process, the others elsewhere."""

from collections.abc import Mapping

import pytest
from cart.clients import HttpCatalog
from catalog.clients import HttpStock
from fakes import FakeAcquirer
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from kit.auth import JwksKeys
from orders.clients import HttpCatalog as CatalogForOrders
from orders.clients import HttpInventory

from modulith.bootstrap import build_app
from modulith.clients.catalog import DirectStock
from modulith.clients.orders import DirectCart, DirectPayments
from modulith.dispatch import Dispatch
from modulith.settings import SERVICES, Settings, named_services

ELSEWHERE = "http://elsewhere.invalid"
URLS = ("CART_URL", "CATALOG_URL", "INVENTORY_URL", "PAYMENTS_URL", "JWKS_URL")


@pytest.fixture
def environment(variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What every group is told."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in URLS:
        monkeypatch.setenv(name, ELSEWHERE)
    monkeypatch.setenv("REDIS_URL", "redis://broker.invalid:6379/0")


def group(monkeypatch: pytest.MonkeyPatch, *services: str) -> Dispatch:
    monkeypatch.setenv("SERVICES", " ".join(services))
    return build_app(Settings.load(), acquirer=FakeAcquirer())


def service(app: Dispatch, name: str) -> FastAPI:
    [found] = [one for one in app.services if one.state.settings.component == name]
    return found


def keys_of(app: FastAPI) -> object:
    return app.state.access_tokens._keys


@pytest.mark.usefixtures("environment")
def test_who_is_here_is_called_directly_and_who_is_not_over_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = group(monkeypatch, "cart", "orders", "payments")
    assert {one.state.settings.component for one in app.services} == {"cart", "orders", "payments"}
    known = service(app, "orders").state.collaborators
    assert isinstance(known.cart, DirectCart)
    assert isinstance(known.payments, DirectPayments)
    assert isinstance(known.catalog, CatalogForOrders)
    assert isinstance(known.inventory, HttpInventory)
    assert isinstance(service(app, "cart").state.catalog, HttpCatalog)
    assert isinstance(keys_of(service(app, "cart")), JwksKeys)


@pytest.mark.usefixtures("environment")
def test_stock_beside_the_catalog_or_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    both = group(monkeypatch, "catalog", "inventory")
    assert isinstance(service(both, "catalog").state.stock, DirectStock)
    alone = group(monkeypatch, "catalog")
    assert isinstance(service(alone, "catalog").state.stock, HttpStock)


@pytest.mark.usefixtures("environment")
def test_keys_are_accounts_own_where_it_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    app = group(monkeypatch, "accounts", "notifications")
    assert keys_of(service(app, "notifications")) is service(app, "accounts").state.issuer.keys


@pytest.mark.usefixtures("environment")
async def test_others_may_ask_a_group_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    app = group(monkeypatch, "catalog", "inventory", "recommendations")
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/internal/products/batch", json={"product_ids": [1]})
        assert answer.status_code == 401
        assert (await client.get("/api/v1/cart")).status_code == 404
        assert (await client.get("/.well-known/jwks.json")).status_code == 404
    assert group(monkeypatch, "accounts").owner("/.well-known/jwks.json") is not None


@pytest.mark.usefixtures("environment")
def test_groups_are_named_by_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICES", "cart orders")
    assert named_services() == {"cart", "orders"}
    assert Settings.load().accounts is None
    monkeypatch.setenv("SERVICES", "")
    assert named_services() == set(SERVICES)
    assert Settings.load().whole
    monkeypatch.setenv("SERVICES", "cart billing")
    with pytest.raises(SystemExit, match="SERVICES: there is no service billing"):
        Settings.load()
