"""What other services ask of the catalog: names and prices, many at once."""

from kit.db import DatabaseDep
from kit.json import json_response
from kit.routing import internal_router
from starlette.responses import Response

from catalog import schemas
from catalog.selectors import product_summaries

router = internal_router("cart", "orders")


@router.post("/products/batch", operation_id="getProducts", response_model=schemas.ProductBatch)
async def get_products(body: schemas.ProductBatchQuery, database: DatabaseDep) -> Response:
    rows = await product_summaries(database, product_ids=body.product_ids)
    return json_response({"items": [schemas.product_summary(row) for row in rows]})
