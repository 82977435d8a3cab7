"""Bodies that go out."""

from typing import Any, Literal
from uuid import UUID

from kit.db import AnyRow
from kit.schemas import UtcDatetime
from pydantic import BaseModel


class Notification(BaseModel):
    id: UUID
    kind: Literal["welcome", "order-confirmed", "order-shipped", "order-cancelled"]
    subject: str
    body: str
    order_id: UUID | None
    created_at: UtcDatetime


def notification_out(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "body": row.body,
        "order_id": row.order_id,
        "created_at": row.created_at,
    }
