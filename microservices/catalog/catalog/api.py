"""Public operations: parse, call, answer."""

from operator import attrgetter
from typing import Annotated, Any

from fastapi import Depends
from kit.auth import Staff
from kit.db import Database, DatabaseDep
from kit.errors import NotFound, ValidationFailed
from kit.json import json_response
from kit.openapi import problems
from kit.paging import next_cursor
from kit.routing import api_router
from kit.schemas import Page, PathInt
from starlette.requests import Request
from starlette.responses import Response

from catalog import schemas
from catalog.clients import Stock
from catalog.domain import ORDERINGS
from catalog.queries import parameters, read_query
from catalog.selectors import category_list, product_detail, product_list
from catalog.services import product_create, product_update

router = api_router("catalog")

_POSITIONS = {sort: attrgetter(ordering.column, "id") for sort, ordering in ORDERINGS.items()}


async def _stock(request: Request) -> Stock:
    stock: Stock = request.app.state.stock
    return stock


StockDep = Annotated[Stock, Depends(_stock)]


@router.get(
    "/products",
    operation_id="listProducts",
    response_model=Page[schemas.ProductItem],
    responses=problems(ValidationFailed),
    openapi_extra={"parameters": parameters(schemas.ProductQuery)},
)
async def list_products(request: Request, database: DatabaseDep) -> Response:
    query = read_query(request, schemas.ProductQuery)
    sort, limit = query.sort, query.limit
    rows = await product_list(
        database, sort=sort, limit=limit, filters=query.filters(), after=query.after()
    )
    return json_response(
        {
            "items": [schemas.product_item(row) for row in rows[:limit]],
            "next_cursor": next_cursor(sort.value, rows, limit, _POSITIONS[sort]),
        }
    )


@router.post(
    "/products", operation_id="createProduct", status_code=201, response_model=schemas.Product
)
async def create_product(
    _: Staff, body: schemas.ProductWrite, database: DatabaseDep, stock: StockDep
) -> Response:
    product_id = await product_create(database, values=schemas.columns(body))
    location = {"Location": f"/api/v1/products/{product_id}"}
    return json_response(await _product(database, stock, product_id), 201, location)


@router.get("/products/{product_id}", operation_id="getProduct", response_model=schemas.Product)
async def get_product(product_id: PathInt, database: DatabaseDep, stock: StockDep) -> Response:
    return json_response(await _product(database, stock, product_id))


@router.patch(
    "/products/{product_id}", operation_id="updateProduct", response_model=schemas.Product
)
async def update_product(
    _: Staff,
    product_id: PathInt,
    body: schemas.ProductPatch,
    database: DatabaseDep,
    stock: StockDep,
) -> Response:
    await product_update(database, product_id=product_id, changes=schemas.columns(body))
    return json_response(await _product(database, stock, product_id))


@router.get("/categories", operation_id="listCategories", response_model=Page[schemas.CategoryItem])
async def list_categories(database: DatabaseDep) -> Response:
    return json_response({"items": await category_list(database), "next_cursor": None})


async def _product(database: Database, stock: Stock, product_id: int) -> dict[str, Any]:
    """The page, composed of the catalog's part and inventory's."""
    detail = await product_detail(database, product_id=product_id)
    if detail is None:
        raise NotFound
    return schemas.product(detail, await stock.available(product_id))
