"""Answers made comparable: ids become symbols in order of appearance, times and tokens go."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from driver.http import Answer

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
HEADERS: Final = (
    "Content-Type",
    "Location",
    "WWW-Authenticate",
    "Retry-After",
    "Allow",
    "Idempotency-Replayed",
)
_PRODUCT_KEYS: Final = {"id", "product_id", "products"}
_PRODUCT_LOCATION: Final = re.compile(r"(?<=/products/)\d+$")
_OPAQUE: Final = {"access_token": "<token>", "next_cursor": "<cursor>"}


@dataclass(slots=True)
class Names:
    """What one arm calls the things that every arm has: symbols such as `product:0`."""

    actual: dict[str, str] = field(default_factory=dict)
    _symbols: dict[str, str] = field(default_factory=dict)
    _uuids: int = 0

    def learn(self, symbol: str, value: str) -> None:
        self.actual[symbol] = value
        self._symbols[value] = symbol

    def fill(self, text: str) -> str:
        """`/products/<product:0>` as this arm's path; unknown symbols stay."""
        return re.sub(r"<([a-z]+:\w+)>", lambda m: self.actual.get(m[1], m[0]), text)

    def text(self, value: str) -> str:
        if TIME.fullmatch(value):
            return "<time>"
        return UUID.sub(lambda match: self._uuid(match[0]), value)

    def _uuid(self, value: str) -> str:
        if value not in self._symbols:
            self.learn(f"uuid:{self._uuids}", value)
            self._uuids += 1
        return f"<{self._symbols[value]}>"

    def product(self, value: int) -> int | str:
        """The symbol of a product made in this history; the dataset's ids are every arm's."""
        symbol = self._symbols.get(str(value))
        return value if symbol is None else f"<{symbol}>"


def normal_body(names: Names, value: Any, hidden: frozenset[str], key: str = "") -> Any:
    """`hidden` members change behind the history's back and are compared once settled."""
    if isinstance(value, dict):
        return {
            name: "<later>" if name in hidden else normal_body(names, item, hidden, name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [normal_body(names, item, hidden, key) for item in value]
    if isinstance(value, str):
        return _OPAQUE.get(key) or names.text(value)
    if isinstance(value, int) and not isinstance(value, bool) and key in _PRODUCT_KEYS:
        return names.product(value)
    return value


def normal_headers(names: Names, headers: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in HEADERS:
        value = headers.get(name)
        if value is None:
            continue
        if name == "Allow":
            value = ", ".join(sorted(part.strip() for part in value.split(",")))
        elif name == "Location":
            value = _PRODUCT_LOCATION.sub(lambda match: str(names.product(int(match[0]))), value)
        found[name] = names.text(value)
    return found


def normal_answer(names: Names, answer: Answer, hidden: frozenset[str]) -> dict[str, Any]:
    try:
        body = normal_body(names, answer.body, hidden)
    except ValueError:
        body = answer.content.decode("latin-1")
    return {
        "status": answer.status,
        "headers": normal_headers(names, answer.headers),
        "body": body,
    }
