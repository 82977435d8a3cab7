"""Problems peculiar to inventory."""

from kit.errors import Problem


class OnHandBelowReserved(Problem):
    type = "on-hand-below-reserved"
    status = 409
    title = "On hand below reserved"
    detail = "Stock on hand cannot be less than what is reserved."


class OutOfStock(Problem):
    """Nothing was reserved; `products` are those of which there is too little, in order."""

    type = "out-of-stock"
    status = 409
    title = "Out of stock"
    detail = "Not all products are available in the quantity ordered."


class ReservationReleased(Problem):
    """The order's reservation is gone: released, expired, or given up before it was made.

    Only the orders service ever sees it.
    """

    type = "reservation-released"
    status = 409
    title = "Reservation released"
    detail = "The order holds no stock and can hold none any more."
