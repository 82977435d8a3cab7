"""How alike two products are. Nothing but arithmetic: the contract pins it to six digits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt

SCORE_DIGITS = 6

Counts = Mapping[int, int]
Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Product:
    id: int
    category: str
    price_amount: int
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Score:
    product_id: int
    value: float


def features(product: Product, co_purchases: Counts) -> dict[str, float]:
    found = {
        f"category:{product.category}": 1.0,
        f"price:{(product.price_amount + 1).bit_length() - 1}": 1.0,
    }
    for tag in product.tags:
        found[f"tag:{tag}"] = 1.0
    for other_id, count in co_purchases.items():
        found[f"with:{other_id}"] = log(1 + count)
    return found


def candidates(
    product_id: int, co_purchases: Counts, neighbours: Iterable[int], limit: int
) -> list[int]:
    """The co-purchased, most often first, up to half of `limit`; then neighbours, in order."""
    by_count = sorted(co_purchases, key=lambda other_id: (-co_purchases[other_id], other_id))
    chosen = dict.fromkeys(by_count[: limit // 2])
    for other_id in neighbours:
        if len(chosen) >= limit:
            break
        if other_id != product_id:
            chosen.setdefault(other_id)
    return list(chosen)


def ranking(
    product: Product,
    others: Iterable[Product],
    co_purchases: Mapping[int, Counts],
    limit: int,
) -> Sequence[Score]:
    """The best by cosine; equal scores by id; what has nothing in common is left out."""
    mine = features(product, co_purchases.get(product.id, {}))
    length = _length(mine)
    scores = []
    for other in others:
        theirs = features(other, co_purchases.get(other.id, {}))
        value = round(_dot(mine, theirs) / (length * _length(theirs)), SCORE_DIGITS)
        if value > 0:
            scores.append(Score(other.id, value))
    scores.sort(key=lambda score: (-score.value, score.product_id))
    return scores[:limit]


def _length(vector: Features) -> float:
    return sqrt(fsum(value * value for value in vector.values()))


def _dot(left: Features, right: Features) -> float:
    return fsum(value * right[name] for name, value in left.items() if name in right)
