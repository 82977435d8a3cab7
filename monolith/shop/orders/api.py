from http import HTTPStatus
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.orders import serializers
from shop.orders.errors import IdempotencyKeyMissing
from shop.orders.idempotency import Answer
from shop.orders.selectors import order_detail, order_list
from shop.orders.services import order_cancel, order_place, order_ship
from shop.platform import errors, json
from shop.platform.errors import NotFound, ValidationFailed
from shop.platform.paging import TimelineParameters, page
from shop.platform.views import Access, ApiView, principal, read_body, read_query

MAX_KEY = 200
_KEY = OpenApiParameter("Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True)


class OrdersView(ApiView):
    @extend_schema(parameters=[TimelineParameters], responses=serializers.OrderPage)
    def get(self, request: Request) -> Response:
        query = read_query(request, TimelineParameters)
        rows = order_list(account_id=principal(request).account_id, **query)
        return Response(
            page(
                "newest",
                rows,
                query["limit"],
                position=attrgetter("created_at", "id"),
                item=serializers.order_item,
            )
        )

    @extend_schema(
        parameters=[_KEY], request=serializers.OrderWrite, responses={201: serializers.Order}
    )
    def post(self, request: Request) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if not key:
            raise IdempotencyKeyMissing
        body = _read_order(request, key)
        answer = order_place(account_id=principal(request).account_id, key=key, body=body)
        return _response(answer)


class OrderView(ApiView):
    @extend_schema(responses=serializers.Order)
    def get(self, request: Request, order_id: UUID) -> Response:
        return Response(_own_order(order_id, request))


class OrderCancelView(ApiView):
    @extend_schema(request=None, responses=serializers.Order)
    def post(self, request: Request, order_id: UUID) -> Response:
        order_cancel(order_id=order_id, account_id=principal(request).account_id)
        return Response(_own_order(order_id, request))


class OrderShipView(ApiView):
    access: ClassVar = {"POST": Access.STAFF}

    @extend_schema(request=None, responses=serializers.Order)
    def post(self, request: Request, order_id: UUID) -> Response:
        order_ship(order_id=order_id)
        return Response(_order(order_id))


def _read_order(request: Request, key: str) -> dict[str, Any]:
    """The body, and with its faults that of a key that is too long."""
    too_long: dict[str, str] = {}
    if len(key) > MAX_KEY:
        too_long["Idempotency-Key"] = f"must have at most {MAX_KEY} characters"
    try:
        body = read_body(request, serializers.OrderWrite)
    except ValidationFailed as failure:
        raise ValidationFailed({**failure.errors, **too_long}) from failure
    if too_long:
        raise ValidationFailed(too_long)
    return body


def _response(answer: Answer) -> HttpResponse:
    """The stored bytes as they are: a replay differs from the first answer in one header."""
    made = answer.status == HTTPStatus.CREATED
    media_type = json.MEDIA_TYPE if made else errors.MEDIA_TYPE
    response = HttpResponse(answer.body, media_type, answer.status)
    if made:
        response["Location"] = f"/api/v1/orders/{answer.order_id}"
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def _own_order(order_id: UUID, request: Request) -> dict[str, Any]:
    return _order(order_id, principal(request).account_id)


def _order(order_id: UUID, account_id: UUID | None = None) -> dict[str, Any]:
    detail = order_detail(order_id=order_id, account_id=account_id)
    if detail is None:
        raise NotFound
    return detail.shown()
