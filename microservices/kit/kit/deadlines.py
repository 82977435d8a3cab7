"""How long the caller will wait, handed on from service to service."""

import time
from contextvars import ContextVar

from kit.errors import DependencyUnavailable

HEADER = "X-Deadline"

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def accept(header: str | None) -> None:
    """Takes over the caller's deadline (absolute milliseconds); refuses work that is too late."""
    if header is None or not header.isascii() or not header.isdigit():
        return
    deadline = int(header) / 1000
    if deadline <= time.time():
        raise DependencyUnavailable
    _deadline.set(deadline)


def within(seconds: float) -> float:
    """The moment `seconds` from now, or the caller's deadline when that comes first."""
    mine, callers = time.time() + seconds, _deadline.get()
    return mine if callers is None or mine < callers else callers
