"""The auditor beside every trial: are an arm's books in order once its work has settled?"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psycopg

from twinbench.audit.books import Books
from twinbench.audit.invariants import AFTER_A_TRIAL, INVARIANTS, violations
from twinbench.audit.reading import Connections, read_books, read_ledger
from twinbench.audit.sources import ARMS, Place, places
from twinbench.audit.tallies import Tally, tallies
from twinbench.engines.protocol import Engine, EngineError
from twinbench.load.foresight import restocked
from twinbench.load.plan import LoadPlan
from twinbench.results.rows import AuditRow

# Twice the 30 s within which an order that was left pending must be settled.
SETTLES_WITHIN_S: Final = 60.0
_LOOKS_EVERY_S: Final = 0.2
_ACQUIRER: Final = "acquirer"
_MOST_TOLD: Final = 20


@dataclass(slots=True)
class _Opened:
    """Books as the arm began with; `foreign` are references that others had at the acquirer."""

    then: Books
    foreign: frozenset[str]
    restocked: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit found: its row, and the books it compared (None: the arm keeps none here)."""

    row: AuditRow
    then: Books | None = None
    now: Books | None = None

    def tallies(self, acknowledged: Iterable[str] = ()) -> list[Tally]:
        if self.then is None or self.now is None:
            return []
        return tallies(self.then, self.now, acknowledged)


@dataclass(slots=True)
class Auditor:
    """Looks at the arms' databases and the acquirer's ledger; only while nothing is measured.

    From `begin` on, which is when the data are as they were seeded, it is told of every load that
    is played, so that it knows which products staff have restocked. An arm that keeps no books that
    it could read is `checked` for nothing, and its rows say so.
    """

    engine: Engine
    _opened: dict[str, _Opened] = field(default_factory=dict)

    def begin(self, arm: str) -> None:
        """The arm runs, at rest; what is in its books now is right by definition."""
        self._opened.pop(arm, None)
        if self._can_read(arm):
            then = self.read(arm)
            self._opened[arm] = _Opened(then, frozenset(one.reference for one in then.ledger))

    def expect(self, arm: str, plan: LoadPlan) -> None:
        """This will be played on the arm. Others have used the acquirer since the last audit."""
        opened = self._opened.get(arm)
        if opened is not None:
            opened.restocked |= restocked(plan)
            self.resume(arm)

    def resume(self, arm: str) -> None:
        """From now on the acquirer serves this arm alone."""
        opened = self._opened.get(arm)
        if opened is not None:
            ledger = read_ledger(f"http://{self.engine.address(_ACQUIRER)}")
            opened.foreign = frozenset(entry.reference for entry in ledger)

    def audit(self, arm: str, trial: int, *, events_too: bool = False) -> Audited:
        """Waits until all has settled, for a minute at most; what is wrong then, stays wrong.

        `events_too`: until every event has been ticked off as well. Raises EngineError.
        """
        opened = self._opened.get(arm)
        if opened is None:
            return Audited(
                AuditRow(trial, arm, checked=False, orders=0, settled_s=0.0, findings=())
            )
        invariants = INVARIANTS if events_too else AFTER_A_TRIAL
        began = time.monotonic()
        while True:
            elapsed = time.monotonic() - began
            now = self._own(opened, self.read(arm))
            found = violations(opened.then, now, invariants)
            if not found or elapsed > SETTLES_WITHIN_S:
                break
            time.sleep(_LOOKS_EVERY_S)  # paces the looking; what ends it is the books
        row = AuditRow(
            trial=trial,
            arm=arm,
            checked=True,
            orders=len(now.orders),
            settled_s=round(elapsed, 3),
            findings=tuple(_told(found)),
        )
        return Audited(row, opened.then, now)

    def look(self, arm: str) -> list[str]:
        """What is wrong this very moment, though it may be under way. Raises EngineError."""
        opened = self._opened[arm]
        return violations(opened.then, self._own(opened, self.read(arm)))

    def read(self, arm: str) -> Books:
        """Everything, as it is. Raises EngineError."""
        try:
            with connected(self.engine, arm) as connections:
                acquirer = f"http://{self.engine.address(_ACQUIRER)}"
                return read_books(arm, connections, acquirer)
        except (OSError, psycopg.Error) as error:
            raise EngineError(f"cannot audit {arm}: {error}") from error

    def _own(self, opened: _Opened, now: Books) -> Books:
        own = {order.id for order in now.orders} | {payment.order for payment in now.payments}
        others = opened.foreign - own
        return replace(
            now,
            ledger=tuple(entry for entry in now.ledger if entry.reference not in others),
            restocked=tuple(opened.restocked),
        )

    def _can_read(self, arm: str) -> bool:
        """Whether it is known where the arm keeps its books, and they are there."""
        if arm not in ARMS:
            return False
        there = {one.name for one in self.engine.stats(arm, memory=False)}
        return all(place.component in there for place in places(arm))


@contextlib.contextmanager
def connected(engine: Engine, arm: str) -> Iterator[Connections]:
    """To each database of the arm."""
    with contextlib.ExitStack() as stack:
        found: dict[Place, psycopg.Connection[Any]] = {}
        for place in places(arm):
            url = engine.database_url(place.component, database=place.database)
            found[place] = stack.enter_context(psycopg.connect(url))
        yield found


def _told(found: Sequence[str]) -> Iterator[str]:
    """A row is no place for thousands."""
    yield from found[:_MOST_TOLD]
    if len(found) > _MOST_TOLD:
        yield f"and {len(found) - _MOST_TOLD} more"
