"""Simplicity: what an arm is made of, counted, and what it takes to stand, measured.

Each arm stands by itself; whatever else ran is down meanwhile. The arms that are made of the
services' packages differ in how many processes those are in: what each further split costs is seen
along them.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import provenance_of, unconfined
from twinbench.experiments.simplicity.counting import (
    Rules,
    folders_of,
    lines_of,
    projects_of,
    tracked_files,
)
from twinbench.experiments.simplicity.dependencies import dependencies_of
from twinbench.experiments.simplicity.disk import environment_bytes, images_of
from twinbench.experiments.simplicity.parts import Figures, parts_of, steps_of
from twinbench.experiments.simplicity.settings import SimplicitySettings
from twinbench.experiments.simplicity.standing import data, require_answer, rest
from twinbench.experiments.simplicity.suites import suite_of
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.watcher import Watcher
from twinbench.results.simplicity import FigureRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

TABLES: Final = ("figures",)
# What an arm takes to start, nominally; before the first block there is nothing to go by.
_START_S: Final = 12.0

Fresh = Callable[[Path], Engine]
"""An engine of the same kind on another state folder."""
Servers = Callable[[], AbstractContextManager[Mapping[str, str]]]
"""A PostgreSQL and a Valkey for tests, and the variables that name them."""


def run_simplicity(
    engine: Engine, settings: SimplicitySettings, watcher: Watcher, fresh: Fresh, servers: Servers
) -> Path:
    """Count, start and time what the settings say, and return the run's folder.

    What `engine` runs is taken down for it, and brought up again afterwards. Raises EngineError,
    PreparationError, CountingError, psycopg.Error or OSError.
    """
    topology, ledger = load_topology(), Ledger()
    provenance = provenance_of(
        engine,
        "simplicity",
        configuration=dict(settings.configuration()),
        seed=settings.seed,
        limits=unconfined(engine, settings.arms),
    )
    with RunWriter.create(settings.out, provenance, tables=TABLES) as writer:
        revision = provenance.revision
        simplicity = _Simplicity(settings, topology, revision, writer, watcher, ledger)
        simplicity.count()
        watcher.remaining(simplicity.nominal_s)
        with set_aside(engine, watcher):
            for arm in settings.started:
                simplicity.from_nothing(fresh, arm)
            stopped = simplicity.again(engine)
        if settings.profile.suites:
            simplicity.test(servers)
        writer.finish({"stopped_by": stopped, **ledger.account()})
    return writer.folder


@contextmanager
def set_aside(engine: Engine, watcher: Watcher) -> Iterator[None]:
    """Nothing of the engine runs in the block; what ran before does so again afterwards."""
    before = engine.status()
    if not before.running:
        yield
        return
    watcher.phase("stopping what runs")
    for arm in before.arms:
        engine.thaw(arm)
    engine.down()
    try:
        yield
    finally:
        watcher.phase(f"starting {', '.join(before.arms)} again")
        engine.up(before.arms)


@dataclass(slots=True)
class _Simplicity:
    settings: SimplicitySettings
    topology: Topology
    revision: str
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    rules: Rules = field(default_factory=Rules.read)
    _number: int = 0

    @property
    def nominal_s(self) -> float:
        """What standing takes, as far as it can be told beforehand."""
        profile = self.settings.profile
        one = _START_S + profile.idle_s
        return min(len(self.settings.started) * one * (1 + profile.blocks), profile.budget_s)

    def count(self) -> None:
        """What the tree says."""
        self.watcher.phase("counting")
        with self.ledger.spending("measuring"):
            files = tracked_files(self.topology.folder)
            for arm in self.settings.arms:
                lines = lines_of(self.topology, arm, files, self.rules)
                self._write(0, arm, (("lines", kind, count) for kind, count in lines.items()))
                self._write(0, arm, self._dependencies(arm))
                self._write(0, arm, parts_of(self.topology, arm))
                self._write(0, arm, steps_of(self.topology, arm, self.rules))
                self._write(0, arm, self._bytes(arm))

    def _dependencies(self, arm: str) -> Figures:
        found = dependencies_of(self._projects(arm))
        yield "dependencies", "asked for by name", found.direct
        yield "dependencies", "in all", found.packages
        yield "locks", "", found.locks
        yield "locked_lines", "", found.locked
        yield "unlike_versions", "packages", found.unlike
        yield "unlike_versions", "most of one", found.most

    def _bytes(self, arm: str) -> Figures:
        for project in self._projects(arm):
            installed = environment_bytes(project)
            if installed is not None:
                yield "environment_bytes", project.name, installed
        for image, size in images_of(self.topology, arm, self.revision).items():
            yield "image_bytes", image, size

    def _projects(self, arm: str) -> list[Path]:
        names = projects_of(self.topology, arm, self.rules)
        return [self.topology.folder / name for name in names]

    def from_nothing(self, fresh: Fresh, arm: str) -> None:
        """With a state folder of its own, which goes when it has been looked at."""
        profile = self.settings.profile
        self.watcher.trial_begins(f"{arm}, from nothing", _START_S + profile.idle_s)
        folder = Path(mkdtemp(prefix="twinbench-simplicity-"))
        folder.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
        engine = fresh(folder)
        began = time.monotonic()
        with engine.temporarily_up([arm]):
            require_answer(engine, arm)
            figures = [("first_start_s", "", time.monotonic() - began)]
            self.ledger.book("measuring", time.monotonic() - began)
            with self.ledger.spending("measuring"):
                figures += data(engine, self.topology, arm)
                if not profile.blocks:
                    figures += rest(engine, arm, profile.idle_s)
        self._write(0, arm, figures)

    def again(self, engine: Engine) -> str:
        """Each arm alone, with its data there; says why there are no more blocks."""
        profile, arms, longest = self.settings.profile, self.settings.started, 0.0
        for arm in arms if profile.blocks else ():
            with self.ledger.spending("starting"):
                engine.up([arm], progress=self.watcher.component)
                engine.down()
        for block in range(profile.blocks):
            began = self.ledger.elapsed
            if block and began + longest > profile.budget_s:
                return "time"
            order = np.random.default_rng([self.settings.seed, block])
            for index in order.permutation(len(arms)):
                self._again(engine, arms[index], block)
            longest = max(longest, self.ledger.elapsed - began)
        return "blocks"

    def _again(self, engine: Engine, arm: str, block: int) -> None:
        profile = self.settings.profile
        what = f"block {block + 1}/{profile.blocks}: {arm}"
        self.watcher.trial_begins(what, _START_S + profile.idle_s)
        with self.ledger.spending("measuring"):
            began = time.monotonic()
            engine.up([arm], progress=self.watcher.component)
            require_answer(engine, arm)
            figures = [("start_s", "", time.monotonic() - began)]
            figures += rest(engine, arm, profile.idle_s)
        with self.ledger.spending("resetting"):
            engine.down()
        self._write(block, arm, figures)

    def test(self, servers: Servers) -> None:
        """Each folder's tests once, whatever arms it is in."""
        roots = {arm: folders_of(self.topology, arm, self.rules) for arm in self.settings.arms}
        with servers() as variables, self.ledger.spending("measuring"):
            for folder in sorted({root for own in roots.values() for root in own}):
                self.watcher.phase(f"running the tests of {folder}")
                suite = suite_of(self.topology.folder / folder, variables)
                if suite is None:
                    continue
                for arm, own in roots.items():
                    if folder in own:
                        timed = ("suite_s", folder, suite.seconds)
                        counts = [("suite_tests", folder, float(suite.tests))]
                        counts.append(("suite_failures", folder, float(suite.failed)))
                        self._write(0, arm, [timed, *counts])

    def _write(self, block: int, arm: str, figures: Figures) -> None:
        self._number += 1
        number = self._number
        rows = [FigureRow(number, block, arm, *figure) for figure in figures]
        if rows:
            self.writer.add_trial(
                number, {"figures": rows}, arm=arm, block=block, spent=self.ledger.seconds()
            )
