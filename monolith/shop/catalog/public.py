"""The door of catalog."""

from shop.catalog.domain import ProductAttributes, ProductSummary
from shop.catalog.selectors import category_neighbours, product_attributes
from shop.catalog.selectors import product_summaries as products_by_ids

__all__ = [
    "ProductAttributes",
    "ProductSummary",
    "category_neighbours",
    "product_attributes",
    "products_by_ids",
]
