"""The one place that wires: the services' apps, and what takes the place of the network.

What is in another process is asked over HTTP, and told of events through the broker.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from accounts import bootstrap as accounts
from accounts.tokens import TokenIssuer
from cart import bootstrap as cart
from catalog import bootstrap as catalog
from fastapi import FastAPI
from inventory import bootstrap as inventory
from kit import faults
from kit.app import Service, health_routes
from kit.auth import KeySource
from kit.carriers import Carrier
from kit.db import Database
from kit.http import HttpPool
from notifications import bootstrap as notifications
from orders import bootstrap as orders
from orders.settings import Settings as OrdersSettings
from payments import bootstrap as payments
from payments.clients import Acquirer
from recommendations import bootstrap as recommendations

from modulith.calls import Calls
from modulith.clients.cart import DirectCatalog as CatalogForCart
from modulith.clients.catalog import DirectStock
from modulith.clients.orders import DirectCart, DirectCatalog, DirectInventory, DirectPayments
from modulith.delivery import InProcess
from modulith.dispatch import Dispatch
from modulith.faults import FaultyCalls
from modulith.settings import Settings
from modulith.tracing import TracedCalls

VERSION = "1.0.0"

# Whoever is called or told of events starts before who does it.
_STARTING: Final = (
    "notifications",
    "recommendations",
    "inventory",
    "catalog",
    "cart",
    "payments",
    "accounts",
    "orders",
)


def build_app(settings: Settings, *, acquirer: Acquirer | None = None) -> Dispatch:
    """`acquirer`: in place of the one at the settings' address."""
    calls, carrier = _calls(settings), InProcess() if settings.whole else None
    built = _services(settings, calls, carrier, acquirer)
    services = [built[name] for name in _STARTING if name in built]
    rest = _rest(settings, services, calls)
    if isinstance(calls, FaultyCalls):
        calls.connect(services)
        rest.router.routes.extend(faults.control())
    return Dispatch(services, rest, internal=not settings.whole)


def _calls(settings: Settings) -> Calls:
    """Plain ones, unless they are to tell of themselves or to fail on purpose."""
    if settings.present[0].faults == "switchboard":
        return FaultyCalls()
    return TracedCalls() if settings.present[0].trace == "server-timing" else Calls()


def _services(
    settings: Settings, calls: Calls, carrier: Carrier | None, acquirer: Acquirer | None
) -> dict[str, FastAPI]:
    """Those in this process, by name; without a carrier their events go through the broker."""
    built: dict[str, FastAPI] = {}
    keys: KeySource | None = None
    if settings.accounts:
        of_accounts = built["accounts"] = accounts.build_app(settings.accounts, carrier=carrier)
        issuer: TokenIssuer = of_accounts.state.issuer
        keys = issuer.keys
    if settings.notifications:
        built["notifications"] = notifications.build_app(
            settings.notifications, keys=keys, carrier=carrier
        )
    if settings.recommendations:
        built["recommendations"] = recommendations.build_app(
            settings.recommendations, carrier=carrier
        )
    if settings.inventory:
        built["inventory"] = inventory.build_app(settings.inventory, keys=keys)
    if settings.catalog:
        stock = _stock(calls, built)
        built["catalog"] = catalog.build_app(
            settings.catalog, stock=stock, keys=keys, carrier=carrier
        )
    if settings.cart:
        built["cart"] = cart.build_app(settings.cart, keys=keys, catalog=_products(calls, built))
    if settings.payments:
        built["payments"] = payments.build_app(settings.payments, keys=keys, acquirer=acquirer)
    if settings.orders:
        built["orders"] = _orders(settings.orders, calls, built, keys, carrier)
    return built


def _stock(calls: Calls, built: Mapping[str, FastAPI]) -> DirectStock | None:
    return DirectStock(calls, _database(built["inventory"])) if "inventory" in built else None


def _products(calls: Calls, built: Mapping[str, FastAPI]) -> CatalogForCart | None:
    return CatalogForCart(calls, _database(built["catalog"])) if "catalog" in built else None


def _orders(
    settings: OrdersSettings,
    calls: Calls,
    built: Mapping[str, FastAPI],
    keys: KeySource | None,
    carrier: Carrier | None,
) -> FastAPI:
    """Whom it works with is asked over HTTP unless it is here."""
    http, here = HttpPool(), {name: _database(service) for name, service in built.items()}
    direct: dict[str, Any] = {}
    if "cart" in here:
        direct["cart"] = DirectCart(calls, here["cart"])
    if "catalog" in here:
        direct["catalog"] = DirectCatalog(calls, here["catalog"])
    if "inventory" in here:
        direct["inventory"] = DirectInventory(calls, here["inventory"])
    if "payments" in here:
        acquirer: Acquirer = built["payments"].state.acquirer
        direct["payments"] = DirectPayments(calls, here["payments"], acquirer)
    collaborators = replace(orders.over_http(settings, http), **direct)
    return orders.build_app(
        settings, http=http, keys=keys, collaborators=collaborators, carrier=carrier
    )


def _rest(settings: Settings, services: Sequence[FastAPI], calls: Calls) -> Service:
    """What belongs to no service: the lifespan of all, health, and paths that nobody has."""

    async def check() -> None:
        await asyncio.gather(*(_database(service).check() for service in services))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for service in services:
                await stack.enter_async_context(service.router.lifespan_context(service))
            stack.push_async_callback(calls.finish)
            yield

    rest = Service("modulith", VERSION, lifespan)
    revision = settings.present[0].revision
    rest.router.routes.extend(health_routes("modulith", VERSION, revision, check))
    return rest


def _database(service: FastAPI) -> Database:
    database: Database = service.state.database
    return database
