from uuid import UUID

from shop.notifications.domain import Message
from shop.notifications.models import Notification


def notification_create(*, account_id: UUID, message: Message) -> None:
    """Once for each kind and order: what the account was told before stands."""
    notification = Notification(
        account_id=account_id,
        kind=message.kind.value,
        subject=message.subject,
        body=message.body,
        order_id=message.order_id,
    )
    Notification.objects.bulk_create([notification], ignore_conflicts=True)
