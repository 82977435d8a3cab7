"""Rows of every table, streamed. Each table has a random source of its own, so that adding a
column to one changes no other."""

import math
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Final

from argon2 import Type
from argon2.low_level import hash_secret

from dataset.words import (
    ADJECTIVES,
    AUDIENCES,
    BENEFITS,
    CATEGORIES,
    FAMILY_NAMES,
    GIVEN_NAMES,
    MATERIALS,
    TAGS,
)

Row = tuple[object, ...]

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - published test data
STAFF_EMAIL: Final = "staff@shop.example"
EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
HISTORY: Final = timedelta(days=730)
ZIPF_EXPONENT: Final = 1.0
LARGEST_HISTORY: Final = 500_000


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is asked for: how many products and accounts, from which seed."""

    size: str
    products: int
    accounts: int
    seed: int

    def source(self, table: str) -> random.Random:
        return random.Random(f"{self.seed}:{table}")


SIZES: Final = {"small": (1_000, 200), "medium": (100_000, 10_000), "large": (1_000_000, 100_000)}


def dataset(size: str, seed: int) -> Dataset:
    """Raises KeyError for a size that is not small, medium or large."""
    products, accounts = SIZES[size]
    return Dataset(size=size, products=products, accounts=accounts, seed=seed)


@cache
def password_hash() -> str:
    """The one password of every generated account, hashed once with a fixed salt."""
    hashed = hash_secret(
        PASSWORD.encode(), b"twinbench-salt!!", 2, 19456, 1, hash_len=32, type=Type.ID
    )
    return hashed.decode()


@cache
def popularity(data: Dataset) -> tuple[int, ...]:
    """Product ids from the most to the least popular."""
    ids = list(range(1, data.products + 1))
    data.source("popularity").shuffle(ids)
    return tuple(ids)


@cache
def zipf_weights(count: int) -> tuple[float, ...]:
    """Cumulative Zipf weights of ranks 1..count."""
    return tuple(accumulate(1 / rank**ZIPF_EXPONENT for rank in range(1, count + 1)))


def _moment(source: random.Random) -> datetime:
    return EPOCH + timedelta(microseconds=source.randrange(int(HISTORY.total_seconds() * 1e6)))


def accounts(data: Dataset) -> Iterator[Row]:
    """(id, email, name, password_hash, role, created_at): one of staff, then customers."""
    source = data.source("accounts")
    for number in range(data.accounts):
        identity = uuid.UUID(int=source.getrandbits(128), version=4)
        name = f"{source.choice(GIVEN_NAMES)} {source.choice(FAMILY_NAMES)}"
        email = f"customer{number}@shop.example" if number else STAFF_EMAIL
        role = "customer" if number else "staff"
        yield identity, email, name, password_hash(), role, _moment(source)


def categories(_data: Dataset) -> Iterator[Row]:
    """(slug, name)"""
    for slug, (name, _nouns, _price) in CATEGORIES.items():
        yield slug, name


def _price(source: random.Random, median: int) -> int:
    """Lognormal around the category's median, ending in 99 as shop prices do."""
    euros = source.lognormvariate(math.log(median / 100), 0.6)
    return max(1, round(euros)) * 100 - 1


def products(data: Dataset) -> Iterator[Row]:
    """(id, name, description, category, price_amount, tags, sold, created_at)"""
    source = data.source("products")
    slugs = sorted(CATEGORIES)
    rank = {product: position for position, product in enumerate(popularity(data), start=1)}
    for identity in range(1, data.products + 1):
        slug = source.choice(slugs)
        category, nouns, median = CATEGORIES[slug]
        noun, material = source.choice(nouns), source.choice(MATERIALS)
        name = f"{source.choice(ADJECTIVES)} {material} {noun} {identity}"
        first, second = source.sample(BENEFITS, 2)
        description = (
            f"A {noun.lower()} in {material.lower()} that {first} and {second}. "
            f"From our {category.lower()} range, chosen for {source.choice(AUDIENCES)}."
        )
        tags = sorted(source.sample(TAGS, source.randint(1, 4)))
        sold = int(data.products / rank[identity])
        price = _price(source, median)
        yield identity, name, description, slug, price, tags, sold, _moment(source)


def stock(data: Dataset) -> Iterator[Row]:
    """(product_id, on_hand)"""
    source = data.source("stock")
    for identity in range(1, data.products + 1):
        yield identity, source.randint(10_000, 100_000)


def co_purchases(data: Dataset) -> Iterator[Row]:
    """(product_id, other_id, count), both ways round, from a history of Zipf baskets."""
    source = data.source("baskets")
    ids, weights = popularity(data), zipf_weights(data.products)
    pairs: Counter[tuple[int, int]] = Counter()
    for _ in range(min(3 * data.products, LARGEST_HISTORY)):
        basket = sorted(set(source.choices(ids, cum_weights=weights, k=source.randint(2, 4))))
        pairs.update((a, b) for a in basket for b in basket if a != b)
    for (product, other), count in sorted(pairs.items()):
        yield product, other, count


TABLES: Final[dict[str, Callable[[Dataset], Iterator[Row]]]] = {
    "accounts": accounts,
    "categories": categories,
    "products": products,
    "stock": stock,
    "co_purchases": co_purchases,
}
