"""Any component may be killed in the middle of checkouts: the contract's invariants hold after."""

import contextlib
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.kills.plants import overlooked
from tests.kills.schedule import Kill, carry_out, plan
from tests.kills.shoppers import Finished, Shop, Shopper, open_shop
from tests.kills.traffic import Traffic
from twinbench.audit.books import Books
from twinbench.audit.invariants import violations
from twinbench.audit.reading import read_books
from twinbench.audit.sources import Place, places
from twinbench.engines.process import ProcessEngine

SEED = int(os.environ.get("TWINBENCH_KILLS_SEED", "1"))
KILLS = {"monolith": 10, "microservices": 20, "modulith": 10}
SHOPPERS = 5
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
        shop = open_shop(traffic, products=6)
        then = read(engine, arm)
        finished = trade_under(kills, engine, shop)
        no_violation(engine, arm, then)
        replayed_as_they_were(finished, traffic)
        no_violation(engine, arm, then)
        with connected(engine, arm) as connections:
            read_planted = partial(read_books, arm, acquirer=acquirer(engine))
            assert overlooked(arm, connections, then, read_planted) == []
    with capsys.disabled():
        print(f"\n{arm}, seed {SEED}: {len(kills)} kills, {len(finished)} checkouts")
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


def trade_under(kills: Sequence[Kill], engine: ProcessEngine, shop: Shop) -> list[Finished]:
    """What the customers were told in the end, of every checkout that they began."""
    closing = threading.Event()
    shoppers = [
        Shopper(shop, f"shopper{number}", random.Random(f"{SEED} {number}"))
        for number in range(SHOPPERS)
    ]
    for shopper in shoppers:
        shopper.token = shopper.sign_up(f"{shopper.name}@kills.example")
    with ThreadPoolExecutor(SHOPPERS) as pool:
        runs = [pool.submit(shopper.shop_until, closing) for shopper in shoppers]
        try:
            for kill in kills:
                carry_out(kill, engine, shop.traffic)
        finally:
            closing.set()
    for run in runs:
        run.result()
    return [one for shopper in shoppers for one in shopper.finished]


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


@contextlib.contextmanager
def connected(engine: ProcessEngine, arm: str) -> Iterator[dict[Place, psycopg.Connection[Any]]]:
    with contextlib.ExitStack() as stack:
        yield {
            place: stack.enter_context(
                psycopg.connect(engine.database_url(place.component, database=place.database))
            )
            for place in places(arm)
        }


def replayed_as_they_were(finished: Sequence[Finished], traffic: Traffic) -> None:
    for one in finished:
        again = traffic.insist(one.request, lambda _: True)
        assert again.replayed, one.request
        assert (again.status, again.body) == (one.answer.status, one.answer.body), one.request
