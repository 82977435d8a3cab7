from typing import Any

from rest_framework import serializers

from shop.notifications.domain import Kind
from shop.notifications.selectors import NotificationRow
from shop.platform.json import rfc3339


class NotificationItem(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    subject = serializers.CharField()
    body = serializers.CharField()
    order_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class NotificationPage(serializers.Serializer[Any]):
    items = NotificationItem(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def notification(row: NotificationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "body": row.body,
        "order_id": row.order_id,
        "created_at": rfc3339(row.created_at),
    }
