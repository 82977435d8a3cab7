"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.carriers import Carrier
from kit.http import HttpPool, ServiceClient

from orders import api
from orders.clients import Collaborators, HttpCart, HttpCatalog, HttpInventory, HttpPayments
from orders.recovery import recovery
from orders.settings import Settings

ROUTERS = (api.router,)


def build_app(
    settings: Settings,
    *,
    http: HttpPool | None = None,
    keys: KeySource | None = None,
    collaborators: Collaborators | None = None,
    carrier: Carrier | None = None,
) -> FastAPI:
    """`collaborators`: in place of the services at the settings' addresses, with the pool `http`
    that they were made on; `carrier`: of events, in place of streams in Valkey."""
    http = http or HttpPool()
    return create_app(
        settings,
        routers=ROUTERS,
        http=http,
        keys=keys,
        carrier=carrier,
        publishes=True,
        lifespans=(recovery,),
        state={"collaborators": collaborators or over_http(settings, http)},
    )


def over_http(settings: Settings, http: HttpPool) -> Collaborators:
    """The services at the settings' addresses."""
    secret = settings.secret()

    def client(callee: str, base_url: str) -> ServiceClient:
        return ServiceClient(
            http, base_url=base_url, caller=settings.component, callee=callee, secret=secret
        )

    return Collaborators(
        cart=HttpCart(client("cart", settings.cart_url)),
        catalog=HttpCatalog(client("catalog", settings.catalog_url)),
        inventory=HttpInventory(client("inventory", settings.inventory_url)),
        payments=HttpPayments(client("payments", settings.payments_url)),
    )
