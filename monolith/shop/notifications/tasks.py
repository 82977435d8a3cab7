from uuid import UUID

from shop.notifications import domain
from shop.notifications.services import notification_create
from shop.platform.events import Event, subscribe

_ABOUT_ORDERS = {
    "order.confirmed": domain.order_confirmed,
    "order.shipped": domain.order_shipped,
    "order.cancelled": domain.order_cancelled,
}


@subscribe("notifications.welcome", "account.created")
def welcome_account(event: Event) -> None:
    notification_create(
        account_id=UUID(event.data["account_id"]), message=domain.welcome(event.data["name"])
    )


@subscribe("notifications.order", *_ABOUT_ORDERS)
def tell_about_order(event: Event) -> None:
    notification_create(
        account_id=UUID(event.data["account_id"]),
        message=_ABOUT_ORDERS[event.type](UUID(event.data["order_id"])),
    )
