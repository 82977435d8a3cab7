from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from shop.catalog.models import Product
from shop.catalog.selectors import category_exists
from shop.platform.errors import NotFound, ValidationFailed

# Rows are locked in the order of ids, so that two events never wait for each other in a circle.
_ADD_SOLD = """
    WITH line AS (
        SELECT product.id, line.quantity
        FROM catalog_product AS product
        JOIN unnest(%s::bigint[], %s::bigint[]) AS line (id, quantity) USING (id)
        ORDER BY product.id
        FOR NO KEY UPDATE OF product
    )
    UPDATE catalog_product AS product SET sold = product.sold + line.quantity
    FROM line WHERE product.id = line.id
"""


def product_create(
    *, name: str, description: str, category: str, price_amount: int, tags: list[str]
) -> int:
    _check_category(category)
    product = Product(
        name=name,
        description=description,
        category_id=category,
        price_amount=price_amount,
        tags=tags,
    )
    product.updated_at = product.created_at
    product.save(force_insert=True)
    return product.pk


def product_update(*, product_id: int, changes: Mapping[str, Any]) -> None:
    """`changes` are columns with their new values, any subset of those that staff can write."""
    if "category" in changes:
        _check_category(changes["category"])
    changed = Product.objects.filter(id=product_id).update(**changes, updated_at=timezone.now())
    if not changed:
        raise NotFound


def sold_add(*, quantities: Mapping[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ADD_SOLD, [list(quantities), list(quantities.values())])


def _check_category(slug: str) -> None:
    if not category_exists(slug=slug):
        raise ValidationFailed({"category": "is not known"})
