"""Public operations, all for staff."""

from kit.auth import Staff
from kit.db import DatabaseDep
from kit.errors import NotFound
from kit.json import json_response
from kit.openapi import problems
from kit.routing import api_router
from kit.schemas import PathInt
from starlette.responses import Response

from inventory import schemas
from inventory.errors import OnHandBelowReserved
from inventory.selectors import stock_level
from inventory.services import stock_set

router = api_router("inventory")


@router.get(
    "/inventory/{product_id}", operation_id="getInventory", response_model=schemas.Inventory
)
async def get_inventory(_: Staff, product_id: PathInt, database: DatabaseDep) -> Response:
    level = await stock_level(database, product_id=product_id)
    if level is None:
        raise NotFound
    return json_response(schemas.inventory(product_id, level))


@router.put(
    "/inventory/{product_id}",
    operation_id="setInventory",
    response_model=schemas.Inventory,
    responses=problems(OnHandBelowReserved),
)
async def set_inventory(
    _: Staff, product_id: PathInt, body: schemas.StockWrite, database: DatabaseDep
) -> Response:
    level = await stock_set(database, product_id=product_id, on_hand=body.on_hand)
    return json_response(schemas.inventory(product_id, level))
