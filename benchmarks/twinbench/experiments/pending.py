"""How long orders stay pending, seen from the arm's own database."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import psycopg

from twinbench.audit.reading import pending_orders
from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.auditing import connected

EVERY_S: Final = 0.1


@dataclass(slots=True)
class PendingOrders:
    """First and last look (time.monotonic) at which each order was pending."""

    seen: dict[str, tuple[float, float]] = field(default_factory=dict)

    def seconds(self) -> dict[str, float]:
        """Of orders that were pending in two looks: at least so long, and at most two looks more"""
        return {order: last - first for order, (first, last) in self.seen.items() if last > first}


@contextlib.contextmanager
def watching_pending(engine: Engine, arm: str) -> Iterator[PendingOrders]:
    """Looks ten times a second; a database that is down is asked again."""
    found, leaving = PendingOrders(), threading.Event()
    thread = threading.Thread(target=_look, args=(engine, arm, found, leaving), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        leaving.set()
        thread.join()


def _look(engine: Engine, arm: str, found: PendingOrders, leaving: threading.Event) -> None:
    while not leaving.is_set():
        with contextlib.suppress(psycopg.Error, EngineError), connected(engine, arm) as connections:
            for one in connections.values():
                one.autocommit = True
            while not leaving.wait(EVERY_S):
                now = time.monotonic()
                for order in pending_orders(arm, connections):
                    first, _ = found.seen.get(order, (now, now))
                    found.seen[order] = (first, now)
        leaving.wait(EVERY_S)
