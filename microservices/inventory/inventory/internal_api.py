"""What other services ask of inventory: how much there is, and to hold it for an order."""

from kit.db import DatabaseDep
from kit.json import json_response
from kit.openapi import problems
from kit.routing import internal_router
from kit.schemas import PathUuid
from starlette.responses import Response

from inventory import schemas
from inventory.domain import ReservationStatus
from inventory.errors import OutOfStock, ReservationReleased
from inventory.selectors import available_units
from inventory.services import stock_commit, stock_release, stock_reserve

stock = internal_router("catalog")
reservations = internal_router("orders")


@stock.post(
    "/stock/availability",
    operation_id="getAvailability",
    response_model=schemas.Availability,
)
async def get_availability(body: schemas.AvailabilityQuery, database: DatabaseDep) -> Response:
    units = await available_units(database, product_ids=body.product_ids)
    return json_response(
        {"available": {str(product_id): available for product_id, available in units.items()}}
    )


@reservations.post(
    "/reservations",
    operation_id="reserve",
    status_code=201,
    response_model=schemas.Reservation,
    responses=problems(OutOfStock, ReservationReleased),
)
async def reserve(body: schemas.ReservationIn, database: DatabaseDep) -> Response:
    await stock_reserve(database, order_id=body.order_id, lines=body.quantities())
    return _now(ReservationStatus.RESERVED, 201)


@reservations.post(
    "/reservations/{order_id}/commit",
    operation_id="commitReservation",
    response_model=schemas.Reservation,
    responses=problems(ReservationReleased),
)
async def commit(order_id: PathUuid, database: DatabaseDep) -> Response:
    await stock_commit(database, order_id=order_id)
    return _now(ReservationStatus.COMMITTED)


@reservations.post(
    "/reservations/{order_id}/release",
    operation_id="releaseReservation",
    response_model=schemas.Reservation,
)
async def release(order_id: PathUuid, database: DatabaseDep) -> Response:
    await stock_release(database, order_id=order_id)
    return _now(ReservationStatus.RELEASED)


def _now(status: ReservationStatus, code: int = 200) -> Response:
    return json_response({"status": status.value}, code)
