from uuid import UUID

from shop.cart.domain import CartSnapshot, Item, PricedLine
from shop.cart.models import CartLine
from shop.catalog import public as catalog


def cart_snapshot(*, account_id: UUID) -> CartSnapshot:
    """Items and version in one statement, so that they belong together.

    A cart without items has version 0: there is nothing that could be cleared.
    """
    rows = list(
        CartLine.objects.filter(cart_id=account_id)
        .order_by("product_id")
        .values_list("product_id", "quantity", "cart__version")
    )
    return CartSnapshot(
        version=rows[0][2] if rows else 0,
        items=[Item(product_id, quantity) for product_id, quantity, _ in rows],
    )


def cart_lines(*, account_id: UUID) -> list[PricedLine]:
    """With the names and prices of this moment."""
    items = cart_snapshot(account_id=account_id).items
    if not items:
        return []
    products = catalog.products_by_ids(product_ids=[item.product_id for item in items])
    return [
        PricedLine(item.product_id, product.name, product.price, item.quantity)
        for item in items
        if (product := products.get(item.product_id))
    ]
