"""Which handlers an event has. Capabilities register theirs from their `tasks` module."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    type: str
    occurred_at: datetime
    data: dict[str, Any]


Handler = Callable[[Event], None]

_handlers: dict[str, Handler] = {}
_subscriptions: dict[str, list[str]] = {}


def subscribe(name: str, *types: str) -> Callable[[Handler], Handler]:
    """Have the decorated function handle events of these types, each exactly once.

    It runs in a transaction that also records that it has run. The name is stored: it
    stays the same when the function moves.
    """

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"there are two handlers named {name}")
        _handlers[name] = handler
        for kind in types:
            _subscriptions.setdefault(kind, []).append(name)
        return handler

    return register


def handlers_of(kind: str) -> Sequence[str]:
    return _subscriptions.get(kind, ())


def handler_named(name: str) -> Handler:
    return _handlers[name]
