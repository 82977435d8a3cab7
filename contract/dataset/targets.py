"""Where each arm keeps the dataset's tables. Data only: the loader knows no arm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "accounts": ("id", "email", "name", "password_hash", "role", "created_at"),
    "categories": ("slug", "name"),
    "products": (
        "id", "name", "description", "category", "price_amount", "tags", "sold", "created_at",
    ),
    "stock": ("product_id", "on_hand"),
    "co_purchases": ("product_id", "other_id", "count"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One table of one arm, filled from one generated table.

    columns: the arm's column -> the generated column that fills it;
    constants: the arm's column -> a value for every row;
    prefixes: the arm's column -> text that the arm puts before the generated value;
    identity: the arm's column whose sequence must continue after the loaded ids.
    """

    source: str
    database: str
    table: str
    columns: Mapping[str, str]
    constants: Mapping[str, object] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    identity: str | None = None


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_PRODUCT: Final = _same(*COLUMNS["products"])
_FEATURES: Final = _same("id", "name", "category", "price_amount", "tags")

ARMS: Final[dict[str, tuple[Target, ...]]] = {
    "monolith": (
        Target(
            source="accounts",
            database="monolith",
            table="accounts_account",
            columns={
                **_same("id", "email", "name", "role", "created_at"),
                "password": "password_hash",
            },
            prefixes={"password": "argon2"},
        ),
        Target("categories", "monolith", "catalog_category", _same("slug", "name")),
        Target(
            source="products",
            database="monolith",
            table="catalog_product",
            columns={
                **{name: name for name in _PRODUCT if name != "category"},
                "category_id": "category",
                "updated_at": "created_at",
            },
            identity="id",
        ),
        Target(
            source="stock",
            database="monolith",
            table="inventory_stock",
            columns=_same("product_id", "on_hand"),
            constants={"reserved": 0},
        ),
        Target(
            source="co_purchases",
            database="monolith",
            table="recommendations_copurchase",
            columns=_same("product_id", "other_id", "count"),
        ),
    ),
    "microservices": (
        Target("accounts", "accounts", "accounts", _same(*COLUMNS["accounts"])),
        Target("categories", "catalog", "categories", _same("slug", "name")),
        Target(
            source="products",
            database="catalog",
            table="products",
            columns={**_PRODUCT, "updated_at": "created_at"},
            identity="id",
        ),
        Target(
            source="stock",
            database="inventory",
            table="stock",
            columns=_same("product_id", "on_hand"),
            constants={"reserved": 0},
        ),
        Target("products", "recommendations", "products", _FEATURES),
        Target(
            source="co_purchases",
            database="recommendations",
            table="co_purchases",
            columns=_same("product_id", "other_id", "count"),
        ),
    ),
}
