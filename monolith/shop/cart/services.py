from uuid import UUID

from django.db import transaction
from django.db.models import F

from shop.cart.domain import MAX_LINES
from shop.cart.errors import CartFull
from shop.cart.models import Cart, CartLine
from shop.catalog import public as catalog
from shop.platform.errors import NotFound


def cart_line_set(*, account_id: UUID, product_id: int, quantity: int) -> None:
    if not catalog.products_by_ids(product_ids=[product_id]):
        raise NotFound
    with transaction.atomic():
        _touch_or_create(account_id)
        lines = CartLine.objects.filter(cart_id=account_id)
        if lines.filter(product_id=product_id).update(quantity=quantity):
            return
        if lines.count() >= MAX_LINES:
            raise CartFull
        CartLine.objects.create(cart_id=account_id, product_id=product_id, quantity=quantity)


@transaction.atomic
def cart_line_remove(*, account_id: UUID, product_id: int) -> None:
    if _touch(account_id):
        CartLine.objects.filter(cart_id=account_id, product_id=product_id).delete()


@transaction.atomic
def cart_empty(*, account_id: UUID) -> None:
    if _touch(account_id):
        CartLine.objects.filter(cart_id=account_id).delete()


@transaction.atomic(savepoint=False)
def cart_clear(*, account_id: UUID, version: int) -> None:
    """Empty the cart, unless it has changed since that version."""
    if Cart.objects.filter(account_id=account_id, version=version).update(version=F("version") + 1):
        CartLine.objects.filter(cart_id=account_id).delete()


def _touch(account_id: UUID) -> bool:
    """Take the cart's lock and a new version; false when there has never been a cart."""
    return bool(Cart.objects.filter(account_id=account_id).update(version=F("version") + 1))


def _touch_or_create(account_id: UUID) -> None:
    if not _touch(account_id):
        Cart.objects.bulk_create([Cart(account_id=account_id, version=0)], ignore_conflicts=True)
        _touch(account_id)
