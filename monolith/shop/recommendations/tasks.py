from shop.platform.events import Event, subscribe
from shop.recommendations.services import co_purchase_count


@subscribe("recommendations.co-purchases", "order.confirmed")
def count_co_purchases(event: Event) -> None:
    co_purchase_count(product_ids={line["product_id"] for line in event.data["lines"]})
