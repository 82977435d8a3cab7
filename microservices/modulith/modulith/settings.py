"""The services' own settings, from one environment.

Each variable has the name it has for the service, but for its database: that of orders is
`ORDERS_DATABASE_URL`, with its password in `ORDERS_DATABASE_PASSWORD_FILE`. `SERVICES` names those
that are in this process, all of them where it is not set.
"""

import os
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from accounts.settings import Settings as AccountsSettings
from cart.settings import Settings as CartSettings
from catalog.settings import Settings as CatalogSettings
from inventory.settings import Settings as InventorySettings
from kit.settings import ServiceSettings
from notifications.settings import Settings as NotificationsSettings
from orders.settings import Settings as OrdersSettings
from payments.settings import Settings as PaymentsSettings
from recommendations.settings import Settings as RecommendationsSettings

SERVICES: Final = (
    "accounts",
    "cart",
    "catalog",
    "inventory",
    "notifications",
    "orders",
    "payments",
    "recommendations",
)

# What services ask for by address is in this process. Nothing answers to this name anywhere.
_NOWHERE = "http://in-this-process.invalid"
_NO_BROKER = "redis://in-this-process.invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """None for a service that is in another process."""

    accounts: AccountsSettings | None = None
    catalog: CatalogSettings | None = None
    inventory: InventorySettings | None = None
    cart: CartSettings | None = None
    orders: OrdersSettings | None = None
    payments: PaymentsSettings | None = None
    notifications: NotificationsSettings | None = None
    recommendations: RecommendationsSettings | None = None

    @classmethod
    def load(cls) -> Self:
        """From the environment, or exit with one line naming what is wrong."""
        group = named_services()
        keys = _inside(group, jwks_url="accounts")
        products = _inside(group, catalog_url="catalog")
        stock = _inside(group, inventory_url="inventory")
        others = _inside(group, cart_url="cart", payments_url="payments")
        kinds: dict[str, tuple[type[ServiceSettings], dict[str, str]]] = {
            "accounts": (AccountsSettings, {}),
            "catalog": (CatalogSettings, stock),
            "inventory": (InventorySettings, {}),
            "cart": (CartSettings, keys | products),
            "orders": (OrdersSettings, keys | products | stock | others),
            "payments": (PaymentsSettings, keys),
            "notifications": (NotificationsSettings, keys),
            "recommendations": (RecommendationsSettings, {}),
        }
        found: dict[str, Any] = {
            name: kind.load(**database_of(name), **_broker(group), **links)
            for name, (kind, links) in kinds.items()
            if name in group
        }
        return cls(**found)

    @property
    def present(self) -> tuple[ServiceSettings, ...]:
        """Of the services in this process; what all share is the same in each."""
        found = (getattr(self, field.name) for field in fields(self))
        return tuple(one for one in found if one is not None)

    @property
    def whole(self) -> bool:
        """Whether no service is anywhere else."""
        return len(self.present) == len(SERVICES)


def named_services() -> frozenset[str]:
    """Those that `SERVICES` names, or all; exits for a name that is no service's."""
    named = frozenset(os.environ.get("SERVICES", "").split()) or frozenset(SERVICES)
    if unknown := sorted(named - set(SERVICES)):
        raise SystemExit(f"modulith: bad settings: SERVICES: there is no service {unknown[0]}")
    return named


def database_of(service: str) -> dict[str, str | None]:
    """The settings that name a service's database."""
    prefix = f"{service.upper()}_DATABASE"
    return {
        "database_url": os.environ.get(f"{prefix}_URL"),
        "database_password_file": os.environ.get(f"{prefix}_PASSWORD_FILE"),
    }


def _inside(group: AbstractSet[str], **callees: str) -> dict[str, str]:
    """Addresses of those in this process lead nowhere; the others' come from the environment."""
    return {setting: _NOWHERE for setting, callee in callees.items() if callee in group}


def _broker(group: AbstractSet[str]) -> dict[str, str]:
    """Events need none while no subscriber is anywhere else."""
    return {"redis_url": _NO_BROKER} if group == set(SERVICES) else {}
