"""Replacements from end to end, over a small server in place of the arm."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.experiments.test_latency import LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.polyglotism import polyglotism
from twinbench.engines.protocol import (
    ComponentStats,
    ComponentStatus,
    Engine,
    EngineError,
    EngineStatus,
    ReplaceStrategy,
)
from twinbench.errors import TwinbenchError
from twinbench.experiments.polyglotism.experiment import run_polyglotism
from twinbench.experiments.polyglotism.footprint import footprint_of, require_set_up
from twinbench.experiments.polyglotism.settings import (
    ARM,
    REPLACEMENTS,
    PolyglotismProfile,
    PolyglotismSettings,
)
from twinbench.results.polyglotism import REPLACEMENTS as TABLE
from twinbench.results.store import Run

TINY = PolyglotismProfile(
    name="tiny", rate=30.0, blocks=1, budget_s=60.0, warming_s=0.0, judged=True, warmup_s=0.2,
    measure_s=0.6, tail_s=0.1, drain_s=3.0,
)  # fmt: skip
NAMES = ("catalog", "catalog-db", "cart", "cart-db", "cart-store")


class Swapping(FakeEngine):
    """An arm whose one server stands for all that the experiment looks at."""

    wanted: str | None = None

    def status(self) -> EngineStatus:
        names = NAMES if self.running else ()
        there = tuple(
            ComponentStatus(name, ARM, "app", "ready", None, (), 0, 0.0, ()) for name in names
        )
        return replace(super().status(), components=there)

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
        variables: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        """No other cart gets ready beside the one that serves."""
        super().replace(
            component,
            environment=environment,
            source=source,
            variables=variables,
            strategy=strategy,
        )
        if (component, strategy) == ("cart", "blue-green"):
            raise EngineError("cart-2 did not start")

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        self.wanted = os.environ.get("CART_IMPLEMENTATION")
        (one,) = super().stats(arm, memory=memory)
        return tuple(replace(one, name=name) for name in NAMES)

    def kill(self, component: str, *, restart: bool) -> None:
        assert not restart
        self.events.append(("kill", component))

    def start(self, component: str) -> None:
        self.events.append(("start", component))


Whole = tuple[Run, Swapping]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("run")
    settings = PolyglotismSettings(TINY, seed=3, out=folder, gates=LENIENT)
    with Swapping((ARM,), folder / "state") as engine:
        return Run.open(run_polyglotism(cast("Engine", engine), settings, Notes())), engine


def test_each_serves_and_each_original_gives_way(whole: Whole) -> None:
    table = whole[0].tables["replacements"]
    assert table.schema.equals(TABLE)
    rows = table.to_pylist()
    for block in range(TINY.blocks):
        for pair in REPLACEMENTS:
            names = {pair.original.name, pair.other.name}
            own = [r for r in rows if (r["block"], r["component"]) == (block, pair.component)]
            assert [one["kind"] for one in own] == ["steady", "steady", "swap"]
            assert {one["implementation"] for one in own[:2]} == names
            assert all(one["cold_start_s"] >= 0 and one["idle_bytes"] > 0 for one in own[:2])
            assert (own[2]["implementation"], own[2]["other"]) == (
                pair.original.name,
                pair.other.name,
            )
            assert own[2]["swap_s"] >= 0


def test_all_stores_are_there_for_the_run_alone(whole: Whole) -> None:
    _, engine = whole
    assert engine.wanted == "cart_valkey"
    assert "CART_IMPLEMENTATION" not in os.environ


def test_each_trial_begins_with_the_same_data(whole: Whole) -> None:
    events = [event[0] for event in whole[1].events if event[0] in {"replace", "reset"}]
    assert events == [*["replace", "reset"] * 2, "replace", "reset", "replace"] * 2


def test_it_can_be_analysed(whole: Whole) -> None:
    found = polyglotism(whole[0])
    for component in ("catalog", "cart"):
        gains = {one.what: one for one in found.gains if one.component == component}
        assert {"p50", "CPU per request, app", "memory when started, app"} <= set(gains)
        # One server stands for all: its memory is the same in both.
        assert gains["memory under load, app"].estimate.ratio == pytest.approx(1.0)
    catalog, cart = found.swaps
    assert (catalog.count, catalog.failed, catalog.crossed, catalog.reasons) == (1, 0, 0, ())
    assert cart.reasons == ("cart-2 did not start",)
    assert not found.kept
    assert [side.name for side in found.sides] == ["catalog", "catalog_node", "cart", "cart_valkey"]


def test_footprints_are_counted(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "main.js").write_text("one\n\ntwo\n")
    (tmp_path / "tests" / "main.test.js").write_text("three\n")
    (tmp_path / "requirements.lock").write_text("absent==1.0 \\\n    --hash=sha256:00\n")
    packages = '{"": {}, "node_modules/a": {}, "node_modules/b": {"dev": true}}'
    (tmp_path / "package-lock.json").write_text(f'{{"packages": {packages}}}')
    (tmp_path / "node_modules" / "a").mkdir(parents=True)
    (tmp_path / "node_modules" / "a" / "a.js").write_text("12345")
    with pytest.raises(TwinbenchError, match=r"lacks Node\.js .*run `make setup-polyglot`"):
        require_set_up(tmp_path)
    found = footprint_of(tmp_path)
    assert (found.lines, found.test_lines, found.packages) == (2, 1, 2)
    assert found.installed_bytes == 5
