from collections.abc import Collection

from kit.db import Database
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from inventory.domain import StockLevel
from inventory.models import Stock

# Built once: building a statement costs more than running it.
_LEVEL = select(Stock.on_hand, Stock.reserved).where(Stock.product_id == bindparam("product_id"))
_AVAILABLE = select(Stock.product_id, Stock.on_hand, Stock.reserved).where(
    Stock.product_id == any_(bindparam("product_ids", type_=ARRAY(BigInteger)))
)


async def stock_level(database: Database, *, product_id: int) -> StockLevel | None:
    row = await database.row(_LEVEL, product_id=product_id)
    return None if row is None else StockLevel(row.on_hand, row.reserved)


async def available_units(database: Database, *, product_ids: Collection[int]) -> dict[int, int]:
    """Units of each product that can still be sold; a product without stock has none."""
    available = dict.fromkeys(product_ids, 0)
    for row in await database.rows(_AVAILABLE, product_ids=list(available)):
        available[row.product_id] = row.on_hand - row.reserved
    return available
