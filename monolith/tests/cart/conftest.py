from collections.abc import Callable

import pytest

from shop.catalog.models import Category, Product


@pytest.fixture
def make_products(db: None) -> Callable[[int], list[int]]:
    """Products at 1, 2, 3, ... Euro."""

    def make(count: int) -> list[int]:
        category, _ = Category.objects.get_or_create(slug="kitchen", name="Kitchen")
        return [
            Product.objects.create(
                name=f"Product {number}", category=category, price_amount=number * 100
            ).pk
            for number in range(1, count + 1)
        ]

    return make
