"""Any component may be killed in the middle of checkouts: the contract's invariants hold after."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.kills.plants import overlooked
from twinbench.audit.books import CONFIRMED_ONCE, Books
from twinbench.audit.invariants import nothing_is_pending, violations
from twinbench.audit.reading import read_books
from twinbench.engines.process import ProcessEngine
from twinbench.experiments.auditing import connected
from twinbench.experiments.kills import Trade, acknowledged, plan, trade_under
from twinbench.load.shoppers import Finished, open_shop
from twinbench.load.traffic import Traffic

SEED = int(os.environ.get("TWINBENCH_KILLS_SEED", "1"))
TIMES = int(os.environ.get("TWINBENCH_KILLS_TIMES", "1"))
ORDERS = int(os.environ.get("TWINBENCH_KILLS_ORDERS", "0"))
"""How many orders each arm is to acknowledge at least; `make kills` asks for many."""
KILLS = {"monolith": 10 * TIMES, "microservices": 20 * TIMES, "modulith": 10 * TIMES}
# Where many orders are asked for, most should be possible: fewer baskets hold what is scarce.
SHOPPERS, PRODUCTS = (20, 12) if ORDERS else (5, 6)
HEALED_WITHIN = 30.0
SETTLED_WITHIN = 120.0


@pytest.mark.parametrize("arm", KILLS)
def test_invariants_survive_kills(
    arm: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"{arm.upper()}_PORT", "0")
    with running(arm) as engine:
        kills = plan(components(engine), kills=KILLS[arm], seed=SEED)
        print(f"seed {SEED}:", *kills, sep="\n  ")
        traffic = Traffic(engine.gateway(arm))
        shop = open_shop(traffic, products=PRODUCTS)
        then = read(engine, arm)
        finished = trade_under(Trade(kills, SEED, SHOPPERS, ORDERS), engine, shop)
        nothing_stays_pending(engine, arm, then)
        nothing_acknowledged_is_lost(acknowledged(finished), read(engine, arm))
        no_violation(engine, arm, then)
        replayed_as_they_were(finished, traffic)
        no_violation(engine, arm, then)
        with connected(engine, arm) as connections:
            read_planted = partial(read_books, arm, acquirer=acquirer(engine))
            assert overlooked(arm, connections, then, read_planted) == []
    with capsys.disabled():
        orders = len(acknowledged(finished))
        print(
            f"\n{arm}, seed {SEED}: {len(kills)} kills, {len(finished)} checkouts,"
            f" {orders} orders acknowledged"
        )
        print(*(f"  {count:5} {what}" for what, count in sorted(traffic.seen.items())), sep="\n")


@contextlib.contextmanager
def running(arm: str) -> Iterator[ProcessEngine]:
    """The arm alone, with an acquirer of its own, gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="twinbench-kills-"))
    state.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    engine = ProcessEngine(state=state)
    with engine.temporarily_up([arm]):
        yield engine


def components(engine: ProcessEngine) -> list[str]:
    return sorted(one.name for one in engine.status().components if one.kind != "job")


def nothing_stays_pending(engine: ProcessEngine, arm: str, then: Books) -> None:
    """The last component has just become ready again."""
    deadline = time.monotonic() + HEALED_WITHIN
    while found := violations(then, read(engine, arm), [nothing_is_pending]):
        assert time.monotonic() < deadline, f"still after {HEALED_WITHIN:.0f} s: {found}"
        time.sleep(0.5)  # paces the looking


def nothing_acknowledged_is_lost(told: Sequence[str], now: Books) -> None:
    """Orders that were confirmed to somebody are there, and sold or cancelled since."""
    lost = set(told) - now.order_ids(CONFIRMED_ONCE)
    assert not lost, f"{len(lost)} acknowledged orders are lost: {sorted(lost)}"
    assert len(told) >= ORDERS


def no_violation(engine: ProcessEngine, arm: str, then: Books) -> None:
    """Recovery and events get their time; what is wrong after it, stays wrong."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while (found := violations(then, read(engine, arm))) and time.monotonic() < deadline:
        time.sleep(0.5)  # paces the looking
    assert not found, f"{len(found)} violations:\n" + "\n".join(found)


def read(engine: ProcessEngine, arm: str) -> Books:
    with connected(engine, arm) as connections:
        return read_books(arm, connections, acquirer(engine))


def acquirer(engine: ProcessEngine) -> str:
    return f"http://{engine.address('acquirer')}"


def replayed_as_they_were(finished: Sequence[Finished], traffic: Traffic) -> None:
    for one in finished:
        again = traffic.insist(one.request, lambda _: True)
        assert again.replayed, one.request
        assert (again.status, again.body) == (one.answer.status, one.answer.body), one.request
