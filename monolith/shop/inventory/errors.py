from collections.abc import Sequence
from uuid import UUID

from shop.platform.errors import Problem


class OnHandBelowReserved(Problem):
    type = "on-hand-below-reserved"
    status = 409
    title = "On hand below reserved"
    detail = "Stock on hand cannot be less than what is reserved."


class OutOfStock(Exception):  # noqa: N818
    """Nothing was reserved; `products` are those of which there is too little, in order."""

    def __init__(self, products: Sequence[int]) -> None:
        super().__init__(f"out of stock: {products}")
        self.products = list(products)


class ReservationReleased(Exception):  # noqa: N818
    """The order's reservation is gone: released, expired, or given up before it was made."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"the reservation of order {order_id} is released")
        self.order_id = order_id
