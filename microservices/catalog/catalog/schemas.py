"""What goes in and what comes out. Answers are built by hand: their models only describe them."""

from collections.abc import Callable
from typing import Annotated, Any

from kit.json import rfc3339
from kit.paging import Cursor, a_moment, a_string, an_integer, parse_cursor
from kit.schemas import IntegerId, Money, MoneyIn, NoNul, QueryInt, Strict, UtcDatetime, money
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from catalog import selectors
from catalog.domain import MAX_PRICE, MAX_TAGS, Sort
from catalog.selectors import ProductDetail, ProductRow

Name = Annotated[str, Field(min_length=1, max_length=200), NoNul]
Description = Annotated[str, Field(max_length=2000), NoNul]
Slug = Annotated[str, Field(min_length=1, max_length=50), NoNul]
Tag = Annotated[str, Field(min_length=1, max_length=30), NoNul]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
PriceBound = Annotated[QueryInt, Field(ge=0, le=MAX_PRICE)]

_CURSOR_VALUES: dict[Sort, Callable[[Any], Any]] = {
    Sort.NAME: a_string,
    Sort.PRICE: an_integer,
    Sort.PRICE_DESCENDING: an_integer,
    Sort.NEWEST: a_moment,
    Sort.BESTSELLING: an_integer,
}


def _position(cursor: str, sort: Sort) -> Cursor:
    return parse_cursor(cursor, sort.value, _CURSOR_VALUES[sort], an_integer)


class ProductQuery(BaseModel):
    search: Annotated[str, Field(min_length=1, max_length=100), NoNul] | None = None
    category: Slug | None = None
    min_price: PriceBound | None = None
    max_price: PriceBound | None = None
    sort: Sort = Sort.NAME
    limit: Annotated[QueryInt, Field(ge=1, le=100)] = 20
    cursor: str | None = None

    @field_validator("cursor")
    @classmethod
    def _of_this_sort(cls, cursor: str | None, info: ValidationInfo) -> str | None:
        """Checked with the other parameters; of a sort that is unknown there is no cursor."""
        if cursor is not None:
            try:
                _position(cursor, info.data["sort"])
            except (KeyError, ValueError) as error:
                raise PydanticCustomError("cursor", "is not valid") from error
        return cursor

    def after(self) -> Cursor | None:
        """Where the last page ended."""
        return None if self.cursor is None else _position(self.cursor, self.sort)

    def filters(self) -> dict[str, Any]:
        """Those asked for: what a filter's absence is must not reach the database."""
        given = {
            "search": self.search,
            "category": self.category,
            "min_price": self.min_price,
            "max_price": self.max_price,
        }
        return {name: value for name, value in given.items() if value is not None}


class ProductWrite(Strict):
    name: Name
    description: Description = ""
    category: Slug
    price: MoneyIn
    tags: Tags = Field(default_factory=list)


class ProductPatch(Strict):
    """Any subset of the fields; a factory's value stands for a field that was not sent."""

    name: Name = Field(default_factory=str)
    description: Description = Field(default_factory=str)
    category: Slug = Field(default_factory=str)
    price: MoneyIn = Field(default_factory=lambda: MoneyIn(amount=0, currency="EUR"))
    tags: Tags = Field(default_factory=list)


class ProductItem(BaseModel):
    id: int
    name: str
    category: str
    price: Money
    sold: int
    created_at: UtcDatetime


class Product(BaseModel):
    id: int
    name: str
    description: str
    category: str
    price: Money
    tags: list[str]
    sold: int
    available: Annotated[int | None, Field(description="null while inventory is unreachable")]
    created_at: UtcDatetime
    updated_at: UtcDatetime


class CategoryItem(BaseModel):
    slug: str
    name: str
    product_count: int


class ProductBatchQuery(BaseModel):
    product_ids: Annotated[list[IntegerId], Field(max_length=1000)]


class ProductSummary(BaseModel):
    id: int
    name: str
    price: Money


class ProductBatch(BaseModel):
    items: list[ProductSummary]


def columns(values: ProductWrite | ProductPatch) -> dict[str, Any]:
    """What was sent, with the price as the column that keeps it."""
    changes = values.model_dump(exclude_unset=isinstance(values, ProductPatch))
    if "price" in changes:
        changes["price_amount"] = changes.pop("price")["amount"]
    return changes


def product_item(row: ProductRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "category": row.category,
        "price": money(row.price_amount),
        "sold": row.sold,
        "created_at": rfc3339(row.created_at),
    }


def product(detail: ProductDetail, available: int | None) -> dict[str, Any]:
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


def product_summary(summary: selectors.ProductSummary) -> dict[str, Any]:
    return {"id": summary.id, "name": summary.name, "price": money(summary.price_amount)}
