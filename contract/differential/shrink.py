"""A history that differs, cut down to the calls that matter."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(items: Sequence[T], fails: Callable[[Sequence[T]], bool], within: float) -> list[T]:
    """A part of `items`, in order, that still fails; no single item of it can go.

    Delta debugging: ever smaller pieces are left out for good while what is left fails. When
    `within` seconds are over, what is left by then is returned.
    """
    deadline = time.monotonic() + within
    left = list(items)
    size = max(1, len(left) // 2)
    while True:
        start, before = 0, len(left)
        while start < len(left):
            if time.monotonic() > deadline:
                return left
            shorter = left[:start] + left[start + size :]
            if shorter and fails(shorter):
                left = shorter
            else:
                start += size
        if size == 1 and len(left) == before:
            return left
        size = max(1, size // 2)
