from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.utils import timezone


class Category(models.Model):
    slug = models.TextField(primary_key=True)
    name = models.TextField()

    def __str__(self) -> str:
        return self.slug


class Product(models.Model):
    name = models.TextField()
    description = models.TextField(default="")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", db_index=False
    )
    price_amount = models.BigIntegerField()
    tags = ArrayField(models.TextField(), default=list)
    sold = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    search = models.GeneratedField(
        expression=SearchVector("name", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="product_price_not_negative", condition=models.Q(price_amount__gte=0)
            ),
            models.CheckConstraint(
                name="product_sold_not_negative", condition=models.Q(sold__gte=0)
            ),
        ]
        # Each order of the list is an index, alone and within a category; a descending one is
        # read backwards. By category and id are the neighbours that recommendations ask for.
        indexes: ClassVar = [
            models.Index(name="product_by_name", fields=["name", "id"]),
            models.Index(name="product_by_price", fields=["price_amount", "id"]),
            models.Index(name="product_by_age", fields=["created_at", "id"]),
            models.Index(name="product_by_sold", fields=["sold", "id"]),
            models.Index(name="product_by_category", fields=["category", "id"]),
            models.Index(name="product_by_category_name", fields=["category", "name", "id"]),
            models.Index(
                name="product_by_category_price", fields=["category", "price_amount", "id"]
            ),
            models.Index(name="product_by_category_age", fields=["category", "created_at", "id"]),
            models.Index(name="product_by_category_sold", fields=["category", "sold", "id"]),
            GinIndex(name="product_by_words", fields=["search"]),
        ]

    def __str__(self) -> str:
        return self.name
