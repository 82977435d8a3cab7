from typing import Any, ClassVar

from rest_framework import serializers

from shop.catalog.domain import MAX_PRICE, MAX_TAGS, Sort
from shop.catalog.selectors import ProductDetail, ProductRow
from shop.platform.fields import Choice, List, Money, QueryInteger, Strict, Text
from shop.platform.json import money, rfc3339
from shop.platform.paging import PageParameters, a_moment, a_string, an_integer


class ProductQuery(PageParameters):
    positions: ClassVar = {
        Sort.NAME: (a_string, an_integer),
        Sort.PRICE: (an_integer, an_integer),
        Sort.PRICE_DESCENDING: (an_integer, an_integer),
        Sort.NEWEST: (a_moment, an_integer),
        Sort.BESTSELLING: (an_integer, an_integer),
    }

    search = Text(max_length=100, required=False)
    category = Text(max_length=50, required=False)
    min_price = QueryInteger(min_value=0, max_value=MAX_PRICE, required=False)
    max_price = QueryInteger(min_value=0, max_value=MAX_PRICE, required=False)
    sort = Choice([sort.value for sort in Sort], default=Sort.NAME.value)


class ProductWrite(Strict):
    name = Text(max_length=200)
    description = Text(min_length=0, max_length=2000, default="")
    category = Text(max_length=50)
    price = Money()
    tags = List(child=Text(max_length=30), max_length=MAX_TAGS, default=list)


class ProductPatch(Strict):
    name = Text(max_length=200, required=False)
    description = Text(min_length=0, max_length=2000, required=False)
    category = Text(max_length=50, required=False)
    price = Money(required=False)
    tags = List(child=Text(max_length=30), max_length=MAX_TAGS, required=False)


class ProductItem(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    category = serializers.CharField()
    price = Money()
    sold = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class ProductPage(serializers.Serializer[Any]):
    items = ProductItem(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class Product(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    price = Money()
    tags = serializers.ListField(child=serializers.CharField())
    sold = serializers.IntegerField()
    available = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CategoryItem(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    product_count = serializers.IntegerField()


class CategoryPage(serializers.Serializer[Any]):
    items = CategoryItem(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def product_item(row: ProductRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "category": row.category,
        "price": money(row.price_amount),
        "sold": row.sold,
        "created_at": rfc3339(row.created_at),
    }


def product(detail: ProductDetail, available: int) -> dict[str, Any]:
    return {
        "id": detail.id,
        "name": detail.name,
        "description": detail.description,
        "category": detail.category,
        "price": money(detail.price_amount),
        "tags": detail.tags,
        "sold": detail.sold,
        "available": available,
        "created_at": rfc3339(detail.created_at),
        "updated_at": rfc3339(detail.updated_at),
    }


def columns(values: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with the price as the column that keeps it."""
    changes = dict(values)
    if "price" in changes:
        changes["price_amount"] = changes.pop("price")["amount"]
    return changes
