"""Prices of searches whose end is known."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from rich.console import Console

from twinbench.analysis.cheapest import Room
from twinbench.analysis.scaling import Scaling, scaling
from twinbench.analysis.skew import Wanted, next_replicas, skew
from twinbench.report.skew import print_beside, warnings_beside
from twinbench.results.columns import label
from twinbench.results.scaling import CLIMBS, REPLICAS
from twinbench.results.schema import REQUESTS, RESOURCES
from twinbench.results.store import Run, table_of

SLICE = 0.25
MOST = 4
MEASURE_S = 10.0
MB = 10**6


def requests(*, wait_s: float, replicas: list[str]) -> pa.Table:
    """A hundred, answered by these in turn."""
    rows = [
        {
            "trial": 1, "journey_id": n, "journey": "recommend", "step": 0,
            "request": "recommendations", "intended_ns": round(n * MEASURE_S / 100 * 1e9),
            "sent_ns": round(n * MEASURE_S / 100 * 1e9),
            "finished_ns": round((n * MEASURE_S / 100 + wait_s) * 1e9), "status": 200, "bytes": 1,
            "replica": replicas[n % len(replicas)], "error": None,
        }
        for n in range(100)
    ]  # fmt: skip
    return table_of(rows, REQUESTS)


@dataclass
class Known:
    """In place of a run: searches of arms that need so many replicas of one component."""

    components: dict[str, tuple[str, ...]]
    provisions: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    used: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    folder: Path = Path()

    def search(self, block: int, arm: str, share: float, need: int, *, memory: int) -> None:
        """To its end: one more each time, until there are as many as are needed of the last."""
        hot = self.components[arm][-1]
        wanted = Wanted(block, share, arm)
        room = Room(self.components[arm], MOST)
        while (replicas := next_replicas(cast("Run", self), wanted, room)) is not None:
            number = len(self.rows) + 1
            meets = replicas[hot] >= need
            self.rows.append(
                {"trial": number, "block": block, "arm": arm, "valid": True, "warmup_s": 0.0,
                 "measure_s": MEASURE_S, "offered_rate": 5.0, "cpu_seconds": 4.0, "requests": 100,
                 "pss_bytes": memory * sum(replicas.values()), "meets": meets}
            )  # fmt: skip
            for name, count in replicas.items():
                self.provisions.append(
                    {"trial": number, "arm": arm, "share": share, "demanded": 10.0,
                     "component": name, "replicas": count, "slice_cpus": SLICE}
                )  # fmt: skip
                self.places += [
                    {"trial": number, "arm": arm, "component": name, "replica": f"{name}-{one}",
                     "address": f"127.0.0.1:{one}"}
                    for one in range(1, count + 1)
                    if count > 1
                ]  # fmt: skip
                self._use(number, arm, name, need * 0.9 * SLICE if name == hot else 0.01)
            self._use(number, arm, f"{arm}-gateway", 0.05)

    def _use(self, trial: int, arm: str, component: str, cores: float) -> None:
        for at in (0.0, MEASURE_S):
            self.used.append(
                {"trial": trial, "arm": arm, "component": component, "at_ns": round(at * 1e9),
                 "cpu_seconds": cores * at, "pss_bytes": MB}
            )  # fmt: skip

    @property
    def document(self) -> dict[str, Any]:
        objective = {"percentile": 95.0, "limit_ms": 200.0, "max_error_share": 0.001}
        arms = list(self.components)
        return {
            "configuration": {
                "arms": arms, "objective": objective, "slices": MOST, "resolution": 0.1,
            },
            "limits": {"arms": {arm: {"cores": [0]} for arm in arms}},
            "outcome": {"refused": {"gateways": "x-gateway cannot be scaled: one address"}},
        }  # fmt: skip

    @property
    def trials(self) -> pa.Table:
        names = ("trial", "block")
        empty = pa.table({name: pa.array([], pa.int32()) for name in names})
        return pa.Table.from_pylist(self.rows) if self.rows else empty

    @property
    def resources(self) -> pa.Table:
        if not self.used:
            return RESOURCES.empty_table()
        table = pa.Table.from_pylist(self.used)
        place = table.column_names.index("component")
        return table.set_column(place, "component", table["component"].cast(label()))

    @property
    def tables(self) -> dict[str, pa.Table]:
        return {
            "climbs": CLIMBS.empty_table(),
            "provisions": pa.Table.from_pylist(self.provisions),
            "resources": self.resources,
            "replicas": table_of(self.places, REPLICAS) if self.places else REPLICAS.empty_table(),
        }

    def requests(self, trials: list[int]) -> pa.Table:
        (number,) = trials
        several = [row["address"] for row in self.places if row["trial"] == number]
        wait_s = 0.05 if self.rows[number - 1]["meets"] else 1.0
        return requests(wait_s=wait_s, replicas=several or ["127.0.0.1:1"])


@pytest.fixture(scope="module")
def found() -> Scaling:
    """The monolith needs two, then three of all; of the services the hot one alone."""
    run = Known({"monolith": ("monolith-web",), "microservices": ("catalog", "recommendations")})
    for block in range(3):
        run.search(block, "monolith", 0.15, 2, memory=200 * MB)
        run.search(block, "monolith", 0.9, 3, memory=200 * MB)
        run.search(block, "microservices", 0.15, 1, memory=100 * MB)
        run.search(block, "microservices", 0.9, 3, memory=100 * MB)
    return scaling(cast("Run", run))


def test_the_cheapest_of_each_is_told(found: Scaling) -> None:
    assert found.skew is not None
    prices = {(one.share, one.arm): one for one in found.skew.prices}
    assert prices[0.15, "monolith"].replicas == {"monolith-web": 2}
    assert prices[0.9, "monolith"].replicas == {"monolith-web": 3}
    assert prices[0.15, "microservices"].replicas == {"catalog": 1, "recommendations": 1}
    hot = prices[0.9, "microservices"]
    assert hot.replicas == {"catalog": 1, "recommendations": 3}
    assert (hot.cpus_given, hot.cpus_used, hot.memory_bytes) == (4 * SLICE, 0.4, 400 * MB)
    assert (hot.blocks, hot.unmet, hot.trials, hot.voided) == (3, 0, 9, 0)
    assert found.sound


def test_prices_are_compared_by_block(found: Scaling) -> None:
    assert found.skew is not None
    times = {(t.share, t.arm, t.base, t.measure): t.estimate for t in found.skew.times}
    beside = times[0.9, "microservices", "monolith", "memory"]
    assert beside.ratio == pytest.approx(400 / 600)
    assert beside.blocks == 3
    assert times[0.9, "monolith", "monolith", "memory"].ratio == pytest.approx(3 / 2)
    grown = times[0.9, "microservices", "microservices", "CPUs given"]
    assert grown.ratio == pytest.approx(4 / 2)


def test_a_search_without_an_end_is_no_finding() -> None:
    run = Known({"monolith": ("monolith-web",)})
    run.search(0, "monolith", 0.9, 3, memory=MB)
    run.rows.pop()
    run.provisions.pop()
    cut = skew(cast("Run", run))
    assert cut is not None
    assert (cut.prices[0].blocks, cut.prices[0].unmet, cut.sound) == (0, 0, False)


def test_what_cannot_be_met_is_a_finding() -> None:
    run = Known({"monolith": ("monolith-web",)})
    run.search(0, "monolith", 0.9, MOST + 1, memory=MB)
    beyond = skew(cast("Run", run))
    assert beyond is not None
    assert (beyond.prices[0].unmet, beyond.prices[0].trials, beyond.sound) == (1, MOST, True)


def test_gateways_have_a_ceiling(found: Scaling) -> None:
    """100 requests in 10 s take it 0.5 s of CPU: one core would do for 200 a second."""
    assert [one.arm for one in found.ceilings] == ["monolith", "microservices"]
    ceiling = found.ceilings[0]
    assert ceiling.requests.ratio == pytest.approx(200)
    assert ceiling.share.ratio == pytest.approx(0.5 / 4)


def test_all_of_it_is_shown(found: Scaling) -> None:
    console = Console(record=True, width=100)
    print_beside(console, found)
    text = console.export_text()
    assert "Cheapest for 10.0 requests/s" in text
    assert "3 recommendations, 1 of 1" in text
    assert "0.67" in text
    assert "its own at 15%" in text
    assert "Do replicas share the load?" in text
    assert "200" in text
    assert not [line for line in warnings_beside(found) if "uneven" in line]
