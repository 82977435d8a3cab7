"""Scaling: what an arm serves within the objective as it gets more, or has more to do; and what a
demanded rate costs as demand is skewed.

A case is a level of a factor in one arm. Each block holds every case once: factors and levels in
random order, the arms of one level back to back. A case is one climb, or one search where the
factor is skew.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.budgets import UNLIMITED, Budget, require_possible
from twinbench.experiments.climbing import FIRST_RATE, climb
from twinbench.experiments.resuming import PLANNED, Broken, broken_off
from twinbench.experiments.scaling_profiles import ScalingSettings
from twinbench.experiments.scaling_trials import Case, Scene
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.setting import refused
from twinbench.experiments.skew import SKEW, Chooser, demanded_rate, search
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.watcher import Watcher
from twinbench.results.store import RunWriter
from twinbench.topology import load as load_topology

# To put the data back and to change a setting.
_PREPARING_S: Final = 6.0
# To change replicas.
_PROVIDING_S: Final = 4.0
# Of a search, as a rule.
_TRIALS: Final = 4

_ATTEMPTS: Final = 2
_TABLES: Final = ("trials", "resources", "audits", "climbs", "provisions", "replicas")


def run_scaling(
    engine: Engine, settings: ScalingSettings, watcher: Watcher, chooser: Chooser
) -> Path:
    """Run the experiment and return its run folder.

    Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    return _measured(engine, settings, watcher, chooser, None)


def resume_scaling(engine: Engine, folder: Path, watcher: Watcher, chooser: Chooser) -> Path:
    """Go on with a run that was broken off; raises IncompatibleRunError or UnlikeRunError too."""
    broken = broken_off(folder, "scaling")
    settings = ScalingSettings.of(broken.document, folder)
    with broken.writer:
        return _measured(engine, settings, watcher, chooser, broken)


def _measured(
    engine: Engine,
    settings: ScalingSettings,
    watcher: Watcher,
    chooser: Chooser,
    broken: Broken | None,
) -> Path:
    _require_enforceable(engine, settings)
    ledger = Ledger(already=broken.spent if broken else None)
    with session(engine, _beginning(settings), watcher, ledger) as begun, ExitStack() as stack:
        writer = broken.writer if broken else stack.enter_context(_begin(settings, begun))
        scene = Scene(settings, begun, load_topology(), writer, watcher, ledger)
        if broken is None:
            demanded = _plan(scene)
            return _Scaling(scene, chooser, demanded).run(frozenset())
        scene.made = max((row.trial for row in broken.rows), default=0)
        return _Scaling(scene, chooser, broken.plan["demanded"]).run(_done(broken))


def _begin(settings: ScalingSettings, begun: Session) -> RunWriter:
    provenance = run_provenance(
        begun.bench, "scaling", configuration=settings.configuration(), seed=settings.seed
    )
    return RunWriter.create(settings.out, provenance, tables=_TABLES)


def _plan(scene: Scene) -> float:
    """What is demanded of searches, in requests per second: noted, so that a resumed run does not
    ask for something else. 0 without any."""
    searching = SKEW in scene.settings.profile.levels
    demanded = demanded_rate(scene, FIRST_RATE) if searching else 0.0
    warmed_up = {arm: asdict(warm) for arm, warm in scene.begun.warmth.items()}
    spent = scene.ledger.seconds()
    scene.writer.note(PLANNED, warmed_up=warmed_up, demanded=demanded, spent=spent)
    return demanded


def _done(broken: Broken) -> frozenset[Case]:
    """Climbs; a search finds out by itself how far it has come."""
    blocks = {row.trial: row.block for row in broken.rows}
    return frozenset(
        Case(blocks[row["trial"]], row["factor"], row["level"], row["arm"])
        for row in broken.writer.so_far().tables["climbs"].to_pylist()
    )


def _require_enforceable(engine: Engine, settings: ScalingSettings) -> None:
    """Told before anything is started."""
    levels = settings.profile.levels
    if "cpus" in levels or SKEW in levels:
        cpus = min(levels.get("cpus", (1 / settings.profile.slices,)))
        require_possible(Budget(cpus=cpus), engine.abilities(), (0,))


def _beginning(settings: ScalingSettings) -> Beginning:
    return Beginning(
        arms=settings.arms,
        seed=settings.seed,
        timing=settings.profile.timing,
        gates=settings.gates,
        budget=UNLIMITED,
        warming_rate=FIRST_RATE,
        warming_s=settings.profile.warming_s,
        workload=settings.workload,
    )


@dataclass(slots=True)
class _Scaling:
    scene: Scene
    chooser: Chooser
    demanded: float

    def run(self, done: frozenset[Case]) -> Path:
        """Until all blocks are made or the time is spent; what is `done` is not repeated."""
        scene = self.scene
        levels = scene.settings.profile.levels
        without = refused(scene.trials.bench, scene.topology, levels)
        able = {factor: own for factor, own in levels.items() if factor not in without}
        stopped = "time" if self._blocks(able, done) else "blocks"
        outcome = {"stopped_by": stopped, "refused": without, **scene.ledger.account()}
        scene.writer.finish(outcome)
        return scene.writer.folder

    def _blocks(self, levels: Mapping[str, tuple[float, ...]], done: frozenset[Case]) -> bool:
        """Whether it was the time that ended them; the first block is made in any case."""
        scene, profile = self.scene, self.scene.settings.profile
        for number in range(profile.blocks):
            cases = [case for case in self._cases(levels, number) if case not in done]
            for place, case in enumerate(cases):
                if number and not self._in_time(self._seconds(case)):
                    return True
                ahead = sum(map(self._seconds, cases[place:]))
                left = profile.budget_s - scene.ledger.elapsed
                last = number + 1 == profile.blocks
                scene.watcher.remaining(ahead if last else max(ahead, left))
                self._make(case)
        return False

    def _seconds(self, case: Case) -> float:
        profile = self.scene.settings.profile
        if case.factor == SKEW:
            return _PREPARING_S + _TRIALS * (_PROVIDING_S + profile.probing.trial_s)
        return _PREPARING_S + profile.learning_s + profile.timing.trial_s

    def _in_time(self, seconds: float) -> bool:
        """Whether what takes so long would end in time."""
        return self.scene.ledger.elapsed + seconds <= self.scene.settings.profile.budget_s

    def _cases(self, levels: Mapping[str, tuple[float, ...]], number: int) -> Iterator[Case]:
        settings = self.scene.settings
        order = np.random.default_rng([settings.seed, number])
        flat = [(factor, level) for factor, own in levels.items() for level in own]
        for index in order.permutation(len(flat)):
            factor, level = flat[index]
            for arm in order.permutation(len(settings.arms)):
                yield Case(number, factor, level, settings.arms[arm])

    def _make(self, case: Case) -> None:
        if case.factor == SKEW:
            search(self.scene, case, self.chooser, self.demanded, lambda: self._may_go_on(case))
        else:
            self._until_valid(case)

    def _may_go_on(self, case: Case) -> bool:
        """A search of the first block comes to its end."""
        trial_s = _PROVIDING_S + self.scene.settings.profile.probing.trial_s
        return not case.block or self._in_time(trial_s)

    def _until_valid(self, case: Case) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            row = climb(self.scene, case, attempt)
            if row.valid or not self._in_time(self._seconds(case)):
                return
            if attempt < _ATTEMPTS:
                self.scene.watcher.retry(row, self._seconds(case))
