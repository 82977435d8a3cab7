"""Arms at rest, engines set aside, and tests that are timed."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fake_engine import FakeEngine
from twinbench.commands.watching import SilentWatcher
from twinbench.engines.protocol import ComponentStats, Engine, EngineError
from twinbench.experiments.simplicity.disk import environment_bytes, sizes_of
from twinbench.experiments.simplicity.experiment import set_aside
from twinbench.experiments.simplicity.standing import rest
from twinbench.experiments.simplicity.suites import suite_of
from twinbench.paths import CHECKOUT

SUITE = """\
import os

def test_passes():
    assert os.environ["TEST_DATABASE_URL"] == "postgresql://here"

def test_fails():
    assert 1 == 2
"""


def test_what_ran_before_runs_again_afterwards(tmp_path: Path) -> None:
    with FakeEngine(["monolith"], tmp_path) as engine:
        engine.up(["monolith"])
        with set_aside(cast("Engine", engine), SilentWatcher()):
            assert not engine.status().running
        assert engine.events[-3:] == [("thaw", "monolith"), ("down",), ("up", "monolith")]


def test_nothing_is_started_where_nothing_ran(tmp_path: Path) -> None:
    with FakeEngine(["monolith"], tmp_path) as engine:
        with set_aside(cast("Engine", engine), SilentWatcher()):
            pass
        assert engine.events == []


def test_an_arm_at_rest(tmp_path: Path) -> None:
    with FakeEngine(["monolith"], tmp_path) as engine:
        engine.up(["monolith"])
        found = {row[:2]: row[2] for row in rest(cast("Engine", engine), "monolith", 0.05)}
    assert found["processes", "app"] == 1
    assert found["memory_bytes", "app"] == 20_000_000
    assert 0 <= found["idle_cpu_ms_per_s", "app"] < 1000


class Seen(FakeEngine):
    """Whose statistics are those of its one server, with `changes`."""

    changes: Sequence[dict[str, Any]] = ()

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        [own] = super().stats(arm, memory=memory)
        return tuple(replace(own, **changes) for changes in self.changes)

    def logs(self, component: str, **_: int) -> str:
        return f"{component}: address already in use"


def test_memory_that_may_not_be_read_is_not_told_as_none_at_all(tmp_path: Path) -> None:
    with Seen(["monolith"], tmp_path) as engine:
        engine.up(["monolith"])
        engine.changes = [{}, {"pss_bytes": None}]
        found = [row[0] for row in rest(cast("Engine", engine), "monolith", 0.05)]
    assert found == ["processes", "idle_cpu_ms_per_s"]


def test_an_arm_of_which_a_part_has_ended_is_not_measured(tmp_path: Path) -> None:
    with Seen(["monolith"], tmp_path) as engine:
        engine.up(["monolith"])
        engine.changes = [{}, {"processes": 0, "pss_bytes": 0}]
        with pytest.raises(EngineError, match=r"has ended while monolith was to stand: .*in use"):
            list(rest(cast("Engine", engine), "monolith", 0.05))


def test_images_count_when_all_of_an_arm_are_built_of_this_revision() -> None:
    def told(revision: str) -> list[dict[str, Any]]:
        return [{"Size": 5, "Labels": {"org.opencontainers.image.revision": revision}}]

    now, pulled = "0123456789abcdef", [{"Size": 7, "Labels": None}]
    found = {"shop": told(now), "gateway": told(now[:12]), "postgres": pulled}
    sizes = {"shop": 5, "gateway": 5, "postgres": 7}
    assert sizes_of(found, {"shop", "gateway"}, now) == sizes
    for odd in (told("fedcba987654"), told("unknown"), told(""), []):
        assert sizes_of({**found, "gateway": odd}, {"shop", "gateway"}, now) == {}


def test_tests_are_timed_and_their_failures_counted(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    assert suite_of(tmp_path, {}) is None
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    found = suite_of(tmp_path, {"TEST_DATABASE_URL": "postgresql://here"})
    assert found is not None
    assert (found.tests, found.failed) == (2, 1)
    assert found.seconds > 0


def test_an_environment_has_the_bytes_of_what_is_locked(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(CHECKOUT / "benchmarks" / ".venv")
    (tmp_path / "requirements.lock").write_text("")
    assert environment_bytes(tmp_path) == 0
    (tmp_path / "requirements.lock").write_text("PyYAML==0 \\\n    --hash=sha256:00\n")
    assert 100_000 < (environment_bytes(tmp_path) or 0) < 10_000_000
    (tmp_path / ".venv").unlink()
    assert environment_bytes(tmp_path) is None
