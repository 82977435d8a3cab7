"""The pure rules written once more, plainly, to check the golden cases by."""

import base64
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

Features = dict[str, float]


def email(text: str) -> tuple[str, str | None]:
    """The normalised email and what is wrong with it."""
    if "\0" in text:
        return text, "is not valid"
    text = text.strip().lower()
    if len(text) < 3:
        return text, "must have at least 3 characters"
    if len(text) > 254:
        return text, "must have at most 254 characters"
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is None:
        return text, "is not valid"
    return text, None


def next_status(status: str, action: str) -> str | None:
    return {
        ("pending", "confirm"): "confirmed",
        ("pending", "reject"): "rejected",
        ("confirmed", "ship"): "shipped",
        ("confirmed", "cancel"): "cancelled",
    }.get((status, action))


def cursor(sort: str, value: object, last_id: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([sort, value, last_id])).decode().rstrip("=")


def fingerprint(body: bytes) -> tuple[str, str]:
    canonical = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return canonical.decode(), hashlib.sha256(canonical).hexdigest()


def features(product: Mapping[str, Any], bought_with: Mapping[str, int]) -> Features:
    band = (product["price_amount"] + 1).bit_length() - 1
    return {
        f"category:{product['category']}": 1.0,
        f"price:{band}": 1.0,
        **{f"tag:{tag}": 1.0 for tag in product["tags"]},
        **{f"with:{other}": math.log(1 + count) for other, count in bought_with.items()},
    }


def score(first: Features, second: Features) -> float:
    dot = math.fsum(first[name] * second[name] for name in first.keys() & second.keys())
    norms = [math.sqrt(math.fsum(x * x for x in vector.values())) for vector in (first, second)]
    return round(dot / (norms[0] * norms[1]), 6)


def candidates(
    product_id: int, category_ids: Sequence[int], counts: Mapping[int, int], limit: int
) -> list[int]:
    together = sorted(counts, key=lambda other: (-counts[other], other))[: limit // 2]
    others = [other for other in sorted(category_ids) if other != product_id]
    ring = [o for o in others if o > product_id] + [o for o in others if o < product_id]
    return (together + [other for other in ring if other not in together])[:limit]


def recommendations(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    def vector(product: Mapping[str, Any]) -> Features:
        return features(product, case["co_purchases"].get(str(product["id"]), {}))

    own = vector(case["product"])
    scores = [(score(own, vector(other)), other["id"]) for other in case["candidates"]]
    ranked = sorted((-value, other) for value, other in scores if value)
    return [{"id": other, "score": -value} for value, other in ranked[: case["limit"]]]


def rendered(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
