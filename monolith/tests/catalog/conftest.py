from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shop.catalog.models import Category, Product

START = datetime(2026, 1, 1, tzinfo=UTC)

MakeProduct = Callable[..., Product]


@pytest.fixture
def make_product(db: None) -> MakeProduct:
    """Products with different moments, names and prices unless told otherwise."""
    count = 0

    def make(**columns: Any) -> Product:
        nonlocal count
        count += 1
        moment = START + timedelta(days=count)
        slug = columns.pop("category", "furniture")
        category, _ = Category.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
        defaults = {
            "name": f"Product {count:03}",
            "price_amount": 100 * count,
            "created_at": moment,
            "updated_at": moment,
        }
        return Product.objects.create(category=category, **{**defaults, **columns})

    return make
