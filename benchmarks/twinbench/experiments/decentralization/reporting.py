"""One report over all capabilities, by each way that an arm has: what it costs, how fresh it is."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from twinbench.engines.protocol import Engine
from twinbench.engines.secrets import read_secret
from twinbench.experiments.decentralization.composition import SALE_OWNERS, Composition, Sale
from twinbench.experiments.decentralization.read_model import running_read_model
from twinbench.experiments.decentralization.trade import Trade, told_again
from twinbench.experiments.deployment.releases import compiled, make_release, touched
from twinbench.experiments.simplicity.counting import lines_in, plain_lines
from twinbench.load.preparation import PreparationError
from twinbench.load.shoppers import open_shop
from twinbench.load.traffic import Traffic
from twinbench.paths import CHECKOUT

REPORTING_ARMS: Final = ("monolith", "microservices")

_HERE: Final = Path(__file__).parent
_QUERY: Final = _HERE / "sales.sql"
_COMPOSED: Final = _HERE / "patches" / "composition.patch"
_FED: Final = _HERE / "patches" / "read_model.patch"
_PRODUCTS: Final = 6
_SOON_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Way:
    """`lines` were written for it, in whichever component; `ask` makes the report."""

    name: str
    lines: int
    ask: Callable[[], tuple[list[Sale], int]]


@dataclass(frozen=True, slots=True)
class Told:
    """One report: how long it took, and how long after the answer to an order it told of it."""

    requests: int
    sales: int
    ms: float
    stale_ms: float


@contextmanager
def reporting(engine: Engine, arm: str, folder: Path) -> Iterator[tuple[tuple[Way, ...], Trade]]:
    """An arm with the ways that it has, from the seeded data, and who buys there.

    What was changed for it is put back. Raises EngineError, PatchError or PreparationError.
    """
    engine.reset(arm)
    ways: tuple[Way, ...]
    with ExitStack() as stack:
        if arm == "monolith":
            ways = (_query(engine, stack),)
            shop = open_shop(Traffic(engine.gateway(arm)), products=_PRODUCTS)
        else:
            ways = _apart(engine, stack, folder)
            shop = open_shop(Traffic(engine.gateway(arm)), products=_PRODUCTS)
            told_again(shop)
        yield ways, Trade(shop, seed=1)
    engine.reset(arm)


def _query(engine: Engine, stack: ExitStack) -> Way:
    url = engine.database_url("monolith-db")
    connection = stack.enter_context(psycopg.connect(url, autocommit=True))
    query = _QUERY.read_bytes()

    def ask() -> tuple[list[Sale], int]:
        return [(a, b, c, d, e) for a, b, c, d, e in connection.execute(query)], 1

    return Way("one query", _sql_lines(_QUERY.read_text("utf-8")), ask)


def _apart(engine: Engine, stack: ExitStack, folder: Path) -> tuple[Way, ...]:
    release = make_release(folder, "microservices", [_COMPOSED, _FED])
    changed = (*SALE_OWNERS, "reports")
    compiled(release, [(f"microservices/{name}",) for name in SALE_OWNERS])
    for component in SALE_OWNERS:
        stack.callback(engine.replace, component)
        engine.replace(component, source=release)
    model = stack.enter_context(running_read_model(engine, release))
    secret = read_secret(engine.paths.secrets, "service-token")
    addresses = {name: engine.address(name) for name in changed if name != "reports"}
    composition = Composition(addresses, secret)
    composed = lines_in(_HERE / "composition.py") + added_lines(_COMPOSED, release)
    return (
        Way("composed of answers", composed, composition.sales),
        Way("read model fed by events", added_lines(_FED, release), model.sales),
    )


def added_lines(patch: Path, release: Path) -> int:
    """Lines of code that the files of a patch have more than in the checkout."""
    files = sorted(touched(patch))
    before = sum(lines_in(CHECKOUT / file) for file in files if (CHECKOUT / file).exists())
    return sum(lines_in(release / file) for file in files) - before


def _sql_lines(text: str) -> int:
    return plain_lines([line for line in text.splitlines() if not line.startswith("--")])


def agreed(ways: Sequence[Way]) -> list[Sale]:
    """The report that all ways make of the same orders, once those that learn late have learnt.

    Raises PreparationError where they go on to differ.
    """
    deadline = time.monotonic() + _SOON_S
    while True:
        first, *others = [way.ask()[0] for way in ways]
        if all(other == first for other in others):
            return first
        if time.monotonic() > deadline:
            raise PreparationError(f"two ways to the same report differ after {_SOON_S:.0f} s")


def told(way: Way, trade: Trade) -> Told:
    """One report timed, and then one more order placed and looked for in it."""
    began = time.monotonic()
    before, requests = way.ask()
    took = time.monotonic() - began
    trade.order()
    placed = time.monotonic()
    while _units(way.ask()[0]) <= _units(before):
        if time.monotonic() > placed + _SOON_S:
            raise PreparationError(f"an order is not told of by {way.name} in {_SOON_S:.0f} s")
    return Told(requests, len(before), 1000 * took, 1000 * (time.monotonic() - placed))


def _units(sales: Sequence[Sale]) -> int:
    return sum(units for *_, units, _ in sales)
