from collections import Counter

from shop.catalog.services import sold_add
from shop.platform.events import Event, subscribe


@subscribe("catalog.sold", "order.confirmed")
def count_sold(event: Event) -> None:
    quantities: Counter[int] = Counter()
    for line in event.data["lines"]:
        quantities[line["product_id"]] += line["quantity"]
    sold_add(quantities=quantities)
