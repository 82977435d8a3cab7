from collections.abc import Collection
from functools import cache

from shop.inventory.domain import StockLevel
from shop.inventory.models import Stock
from shop.platform.compiled import Compiled, any_of


def stock_level(*, product_id: int) -> StockLevel | None:
    row = Stock.objects.filter(product_id=product_id).values_list("on_hand", "reserved").first()
    return StockLevel(*row) if row else None


def available_units(*, product_ids: Collection[int]) -> dict[int, int]:
    """Units of each product that can still be sold; a product without stock has none."""
    available = dict.fromkeys(product_ids, 0)
    rows = _level_query().rows(product_ids=list(available))
    available.update((product_id, on_hand - reserved) for product_id, on_hand, reserved in rows)
    return available


@cache
def _level_query() -> Compiled:
    stock = Stock.objects.filter(any_of("product_id", "product_ids"))
    return Compiled(stock.values_list("product_id", "on_hand", "reserved"))
