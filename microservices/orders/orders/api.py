from typing import Annotated

from fastapi import Depends, Request, Response, status
from kit.auth import Customer, Staff
from kit.db import DatabaseDep
from kit.errors import MEDIA_TYPE, DependencyUnavailable, NotFound
from kit.json import json_response
from kit.openapi import problems
from kit.paging import NEWEST, NewestCursor, newest_position, next_cursor
from kit.routing import IdempotencyKey, api_router
from kit.schemas import Limit, Page, PathUuid

from orders import selectors, services
from orders.errors import (
    CartEmpty,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    OrderNotConfirmed,
    OrderUnsettled,
    OutOfStock,
    PaymentDeclined,
    PaymentUnavailable,
)
from orders.idempotency import Answer
from orders.saga import Saga
from orders.schemas import OrderIn, OrderOut, OrderSummary, order_output, summary_output

_PLACING = problems(
    CartEmpty,
    DependencyUnavailable,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    OrderUnsettled,
    OutOfStock,
    PaymentDeclined,
    PaymentUnavailable,
)

router = api_router("orders")


async def saga_of(request: Request) -> Saga:
    return Saga(request.app.state.database, request.app.state.collaborators)


SagaDep = Annotated[Saga, Depends(saga_of)]


@router.post(
    "/orders",
    operation_id="createOrder",
    status_code=status.HTTP_201_CREATED,
    response_model=OrderOut,
    responses=_PLACING,
)
async def create_order(
    customer: Customer, key: IdempotencyKey, body: OrderIn, saga: SagaDep
) -> Response:
    """Place an order for what is in the cart; 201 means that it is confirmed and paid."""
    answer = await services.order_place(
        saga, account_id=customer.account_id, key=key, body=body.model_dump()
    )
    return _response(answer)


@router.get("/orders", operation_id="listOrders", response_model=Page[OrderSummary])
async def list_orders(
    customer: Customer, database: DatabaseDep, limit: Limit = 20, cursor: NewestCursor = None
) -> Response:
    """Your orders, newest first."""
    rows = await selectors.order_list(
        database, account_id=customer.account_id, after=newest_position(cursor), limit=limit
    )
    following = next_cursor(NEWEST, rows, limit, lambda row: (row.created_at, row.id))
    items = [summary_output(row) for row in rows[:limit]]
    return json_response({"items": items, "next_cursor": following})


@router.get("/orders/{order_id}", operation_id="getOrder", response_model=OrderOut)
async def get_order(customer: Customer, database: DatabaseDep, order_id: PathUuid) -> Response:
    """One of your orders."""
    order = await selectors.order_of_account(
        database, order_id=order_id, account_id=customer.account_id
    )
    if order is None:
        raise NotFound
    return json_response(order_output(order))


@router.post(
    "/orders/{order_id}/cancel",
    operation_id="cancelOrder",
    response_model=OrderOut,
    responses=problems(OrderNotConfirmed),
)
async def cancel_order(customer: Customer, saga: SagaDep, order_id: PathUuid) -> Response:
    """Cancel a confirmed order of yours: it is refunded and its stock is available again."""
    order = await services.order_cancel(saga, account_id=customer.account_id, order_id=order_id)
    return json_response(order_output(order))


@router.post(
    "/orders/{order_id}/ship",
    operation_id="shipOrder",
    response_model=OrderOut,
    responses=problems(OrderNotConfirmed),
)
async def ship_order(_staff: Staff, database: DatabaseDep, order_id: PathUuid) -> Response:
    """Ship a confirmed order."""
    return json_response(order_output(await services.order_ship(database, order_id=order_id)))


def _response(answer: Answer) -> Response:
    headers: dict[str, str] = {}
    placed = answer.status == status.HTTP_201_CREATED
    if placed:
        headers["Location"] = f"/api/v1/orders/{answer.order_id}"
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    media_type = "application/json" if placed else MEDIA_TYPE
    return Response(answer.body, answer.status, headers, media_type)
