"""Any component may be killed in the middle of checkouts: the contract's invariants hold after."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from tests.kills.copies import Copied
from tests.kills.plants import overlooked
from twinbench.audit.books import CONFIRMED_ONCE, Books
from twinbench.audit.invariants import nothing_is_pending, violations
from twinbench.audit.reading import Connections, read_books
from twinbench.engines.process import ProcessEngine
from twinbench.experiments.auditing import connected
from twinbench.experiments.kills import Trade, acknowledged, plan, trade_under
from twinbench.load.shoppers import Finished, open_shop
from twinbench.load.traffic import Traffic

SEED = int(os.environ.get("TWINBENCH_KILLS_SEED", "1"))
TIMES = int(os.environ.get("TWINBENCH_KILLS_TIMES", "0"))
ORDERS = int(os.environ.get("TWINBENCH_KILLS_ORDERS", "0"))
"""How many orders each arm is to acknowledge at least; `make kills` asks for many."""
KILLS = {"monolith": 10 * TIMES, "microservices": 20 * TIMES, "modulith": 10 * TIMES}
"""Where none are asked for, each component is killed once, and one of them twice."""
# Where many orders are asked for, most should be possible: fewer baskets hold what is scarce.
SHOPPERS, PRODUCTS = (20, 12) if ORDERS else (5, 6)
HEALED_WITHIN = 30.0
SETTLED_WITHIN = 120.0


@pytest.mark.parametrize("copied", KILLS, indirect=True)
def test_invariants_survive_kills(copied: Copied, capsys: pytest.CaptureFixture[str]) -> None:
    arm, engine = copied.arm, copied.engine
    engine.reset(arm)
    known = components(engine)
    kills = plan(known, kills=KILLS[arm] or len(known) + 1, seed=SEED)
    print(f"seed {SEED}:", *kills, sep="\n  ")
    traffic = Traffic(engine.gateway(arm))
    shop = open_shop(traffic, products=PRODUCTS)
    reader = Reader.opened(engine, arm)
    then = reader.read()
    finished = trade_under(Trade(kills, SEED, SHOPPERS, ORDERS), engine, shop)
    nothing_stays_pending(reader, then)
    nothing_acknowledged_is_lost(acknowledged(finished), reader.read())
    no_violation(reader, then)
    replayed_as_they_were(finished, traffic)
    no_violation(reader, then)
    with connected(engine, arm) as connections:
        assert overlooked(arm, connections, then, reader.read_by) == []
    with capsys.disabled():
        orders = len(acknowledged(finished))
        print(
            f"\n{arm}, seed {SEED}: {len(kills)} kills, {len(finished)} checkouts,"
            f" {orders} orders acknowledged"
        )
        print(*(f"  {count:5} {what}" for what, count in sorted(traffic.seen.items())), sep="\n")


@dataclass(frozen=True, slots=True)
class Reader:
    """Of the arm's books since its data were put back; `before` are references of what was paid at
    the acquirer until then, in other tests."""

    engine: ProcessEngine
    arm: str
    before: frozenset[str]

    @classmethod
    def opened(cls, engine: ProcessEngine, arm: str) -> "Reader":
        ledger = cls(engine, arm, frozenset()).read().ledger
        return cls(engine, arm, frozenset(entry.reference for entry in ledger))

    def read(self) -> Books:
        with connected(self.engine, self.arm) as connections:
            return self.read_by(connections)

    def read_by(self, connections: Connections) -> Books:
        books = read_books(self.arm, connections, f"http://{self.engine.address('acquirer')}")
        ledger = (entry for entry in books.ledger if entry.reference not in self.before)
        return replace(books, ledger=tuple(ledger))


def components(engine: ProcessEngine) -> list[str]:
    return sorted(one.name for one in engine.status().components if one.kind != "job")


def nothing_stays_pending(reader: Reader, then: Books) -> None:
    """The last component has just become ready again."""
    deadline = time.monotonic() + HEALED_WITHIN
    while found := violations(then, reader.read(), [nothing_is_pending]):
        assert time.monotonic() < deadline, f"still after {HEALED_WITHIN:.0f} s: {found}"
        time.sleep(0.2)  # paces the looking


def nothing_acknowledged_is_lost(told: Sequence[str], now: Books) -> None:
    """Orders that were confirmed to somebody are there, and sold or cancelled since."""
    lost = set(told) - now.order_ids(CONFIRMED_ONCE)
    assert not lost, f"{len(lost)} acknowledged orders are lost: {sorted(lost)}"
    assert len(told) >= ORDERS


def no_violation(reader: Reader, then: Books) -> None:
    """Recovery and events get their time; what is wrong after it, stays wrong."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while (found := violations(then, reader.read())) and time.monotonic() < deadline:
        time.sleep(0.2)  # paces the looking
    assert not found, f"{len(found)} violations:\n" + "\n".join(found)


def replayed_as_they_were(finished: Sequence[Finished], traffic: Traffic) -> None:
    for one in finished:
        again = traffic.insist(one.request, lambda _: True)
        assert again.replayed, one.request
        assert (again.status, again.body) == (one.answer.status, one.answer.body), one.request
