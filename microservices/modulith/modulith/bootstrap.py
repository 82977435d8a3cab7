"""The one place that wires: the services' apps, and what takes the place of the network."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from accounts import bootstrap as accounts
from accounts.tokens import TokenIssuer
from cart import bootstrap as cart
from catalog import bootstrap as catalog
from fastapi import FastAPI
from inventory import bootstrap as inventory
from kit import faults
from kit.app import Service, health_routes
from kit.db import Database
from notifications import bootstrap as notifications
from orders import bootstrap as orders
from orders.clients import Collaborators
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


def build_app(settings: Settings, *, acquirer: Acquirer | None = None) -> Dispatch:
    """`acquirer`: in place of the one at the settings' address."""
    calls, carrier = _calls(settings), InProcess()
    services = _services(settings, calls, carrier, acquirer)
    rest = _rest(settings, services, calls)
    if isinstance(calls, FaultyCalls):
        calls.connect(services)
        rest.router.routes.extend(faults.control())
    return Dispatch(services, rest)


def _calls(settings: Settings) -> Calls:
    """Plain ones, unless they are to tell of themselves or to fail on purpose."""
    if settings.orders.faults == "switchboard":
        return FaultyCalls()
    return TracedCalls() if settings.orders.trace == "server-timing" else Calls()


def _services(
    settings: Settings, calls: Calls, carrier: InProcess, acquirer: Acquirer | None
) -> list[FastAPI]:
    """In the order in which they start: whoever is called or told of events before who does it."""
    of_accounts = accounts.build_app(settings.accounts, carrier=carrier)
    issuer: TokenIssuer = of_accounts.state.issuer
    keys = issuer.keys
    of_notifications = notifications.build_app(settings.notifications, keys=keys, carrier=carrier)
    of_recommendations = recommendations.build_app(settings.recommendations, carrier=carrier)
    of_inventory = inventory.build_app(settings.inventory, keys=keys)
    stock = DirectStock(calls, _database(of_inventory))
    of_catalog = catalog.build_app(settings.catalog, stock=stock, keys=keys, carrier=carrier)
    of_cart = cart.build_app(
        settings.cart, keys=keys, catalog=CatalogForCart(calls, _database(of_catalog))
    )
    of_payments = payments.build_app(settings.payments, keys=keys, acquirer=acquirer)
    collaborators = Collaborators(
        cart=DirectCart(calls, _database(of_cart)),
        catalog=DirectCatalog(calls, _database(of_catalog)),
        inventory=DirectInventory(calls, _database(of_inventory)),
        payments=DirectPayments(calls, _database(of_payments), of_payments.state.acquirer),
    )
    of_orders = orders.build_app(
        settings.orders, keys=keys, collaborators=collaborators, carrier=carrier
    )
    return [
        of_notifications,
        of_recommendations,
        of_inventory,
        of_catalog,
        of_cart,
        of_payments,
        of_accounts,
        of_orders,
    ]


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
    rest.router.routes.extend(health_routes("modulith", VERSION, settings.orders.revision, check))
    return rest


def _database(service: FastAPI) -> Database:
    database: Database = service.state.database
    return database
