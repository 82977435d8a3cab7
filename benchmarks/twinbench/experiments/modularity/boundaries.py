"""Which capability may depend on which, and in what way: the architecture as data.

What is found in code or at work and is not here is a breach.
"""

from collections.abc import Mapping
from typing import Final

from twinbench.results.modularity import EdgeRow

MONOLITH: Final = "monolith"
MICROSERVICES: Final = "microservices"
BUILDS: Final = (MONOLITH, MICROSERVICES)
CAPABILITIES: Final = (
    "accounts", "cart", "catalog", "inventory", "notifications", "orders", "payments",
    "recommendations",
)  # fmt: skip

Pairs = frozenset[tuple[str, str]]

# Who asks, and who is asked.
_CALLS: Final[Pairs] = frozenset(
    {
        ("orders", "cart"),
        ("orders", "catalog"),
        ("orders", "inventory"),
        ("orders", "payments"),
        ("cart", "catalog"),
        ("catalog", "inventory"),
    }
)
# Who listens, and to whom.
_EVENTS: Final[Pairs] = frozenset(
    {
        ("catalog", "orders"),
        ("notifications", "accounts"),
        ("notifications", "orders"),
        ("recommendations", "orders"),
    }
)
_RECOMMENDED: Final[Pairs] = frozenset({("recommendations", "catalog")})
# Everybody's tokens are verified with the keys that accounts shows.
_KEYS: Final[Pairs] = frozenset((one, "accounts") for one in CAPABILITIES if one != "accounts")

_DECLARED: Final[Mapping[str, Mapping[str, Pairs]]] = {
    MONOLITH: {"public": _CALLS | _RECOMMENDED, "event": _EVENTS},
    MICROSERVICES: {
        "call": _CALLS | _KEYS,
        "address": _CALLS | _KEYS,
        "event": _EVENTS | _RECOMMENDED,
    },
}


def edge(build: str, source: str, target: str, kind: str, detail: str) -> EdgeRow:
    declared = (source, target) in _DECLARED[build].get(kind, frozenset())
    return EdgeRow(build, source, target, kind, detail, declared)


def may_ask(build: str) -> Pairs:
    """Who may call whom within the build, through a door."""
    return _DECLARED[build]["public"] if build == MONOLITH else _CALLS
