"""Public operations: parse, call, answer."""

from kit.auth import Customer
from kit.db import DatabaseDep
from kit.json import json_response
from kit.paging import NEWEST, NewestCursor, newest_position, next_cursor
from kit.routing import api_router
from kit.schemas import Limit, Page
from starlette.responses import Response

from notifications import schemas, selectors

router = api_router("notifications")


@router.get(
    "/notifications",
    operation_id="listNotifications",
    response_model=Page[schemas.Notification],
)
async def list_notifications(
    customer: Customer, database: DatabaseDep, limit: Limit = 20, cursor: NewestCursor = None
) -> Response:
    rows = await selectors.notification_list(
        database, account_id=customer.account_id, after=newest_position(cursor), limit=limit
    )
    return json_response(
        {
            "items": [schemas.notification_out(row) for row in rows[:limit]],
            "next_cursor": next_cursor(NEWEST, rows, limit, lambda row: (row.created_at, row.id)),
        }
    )
