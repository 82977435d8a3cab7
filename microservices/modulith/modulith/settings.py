"""The services' own settings, from one environment.

Each variable has the name it has for the service, but for its database: that of orders is
`ORDERS_DATABASE_URL`, with its password in `ORDERS_DATABASE_PASSWORD_FILE`.
"""

import os
from dataclasses import dataclass
from typing import Self

from accounts.settings import Settings as AccountsSettings
from cart.settings import Settings as CartSettings
from catalog.settings import Settings as CatalogSettings
from inventory.settings import Settings as InventorySettings
from notifications.settings import Settings as NotificationsSettings
from orders.settings import Settings as OrdersSettings
from payments.settings import Settings as PaymentsSettings
from recommendations.settings import Settings as RecommendationsSettings

# What services ask for by address is in this process. Nothing answers to this name anywhere.
_NOWHERE = "http://in-this-process.invalid"
_NO_BROKER = "redis://in-this-process.invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    accounts: AccountsSettings
    catalog: CatalogSettings
    inventory: InventorySettings
    cart: CartSettings
    orders: OrdersSettings
    payments: PaymentsSettings
    notifications: NotificationsSettings
    recommendations: RecommendationsSettings

    @classmethod
    def load(cls) -> Self:
        """From the environment, or exit with one line naming what is wrong."""
        return cls(
            accounts=AccountsSettings.load(**_own("accounts")),
            catalog=CatalogSettings.load(**_own("catalog"), inventory_url=_NOWHERE),
            inventory=InventorySettings.load(**_own("inventory")),
            cart=CartSettings.load(**_own("cart"), jwks_url=_NOWHERE, catalog_url=_NOWHERE),
            orders=OrdersSettings.load(
                **_own("orders"),
                jwks_url=_NOWHERE,
                cart_url=_NOWHERE,
                catalog_url=_NOWHERE,
                inventory_url=_NOWHERE,
                payments_url=_NOWHERE,
            ),
            payments=PaymentsSettings.load(**_own("payments"), jwks_url=_NOWHERE),
            notifications=NotificationsSettings.load(**_own("notifications"), jwks_url=_NOWHERE),
            recommendations=RecommendationsSettings.load(**_own("recommendations")),
        )


def database_of(service: str) -> dict[str, str | None]:
    """The settings that name a service's database."""
    prefix = f"{service.upper()}_DATABASE"
    return {
        "database_url": os.environ.get(f"{prefix}_URL"),
        "database_password_file": os.environ.get(f"{prefix}_PASSWORD_FILE"),
    }


def _own(service: str) -> dict[str, str | None]:
    return {**database_of(service), "redis_url": _NO_BROKER}
