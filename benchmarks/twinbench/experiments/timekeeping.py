"""Where the time of a run goes."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Purpose = Literal[
    "measuring", "warming", "starting", "signing in", "resetting", "judging", "auditing"
]


class Ledger:
    """Seconds by purpose; what is under no purpose is `changing over`.

    `already` are those of earlier sessions of a run that was broken off.
    """

    def __init__(
        self,
        *,
        already: dict[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._already = dict(already or {})
        self._spent: dict[str, float] = defaultdict(float)

    @contextmanager
    def spending(self, purpose: Purpose) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        finally:
            self.book(purpose, self._clock() - began)

    def book(self, purpose: Purpose, seconds: float) -> None:
        self._spent[purpose] += seconds

    @property
    def elapsed(self) -> float:
        """Of all sessions, in seconds."""
        return sum(self._already.values()) + self._clock() - self._began

    def seconds(self) -> dict[str, float]:
        """By purpose; the sum is `elapsed`."""
        session = self._clock() - self._began
        own = {**self._spent, "changing over": session - sum(self._spent.values())}
        names = dict.fromkeys([*self._already, *own])
        return {n: round(self._already.get(n, 0.0) + own.get(n, 0.0), 3) for n in names}

    def account(self) -> dict[str, object]:
        """For the run's document."""
        return {"seconds": self.seconds(), "outside_share": round(self.outside(), 4)}

    def outside(self) -> float:
        """Share of the time that was neither measuring nor warming, 0..1."""
        seconds = self.seconds()
        useful = seconds.get("measuring", 0.0) + seconds.get("warming", 0.0)
        return 1 - useful / self.elapsed if self.elapsed > 0 else 0.0
