"""Climbs: a staircase of rates offered in one trial, with one level of one factor in force."""

from collections.abc import Sequence
from typing import Final

from twinbench.experiments.design import Slot
from twinbench.experiments.scaling_trials import Case, Scene, replica_rows
from twinbench.experiments.setting import FACTORS, Setting, in_force
from twinbench.experiments.warming import cpu_per_journey
from twinbench.load.arrivals import stepped
from twinbench.results.rows import AnyRow, TrialRow
from twinbench.results.scaling import ClimbRow

# The rate at which arms are driven before anything is known of them.
FIRST_RATE: Final = 6.0


def climb(scene: Scene, case: Case, attempt: int) -> TrialRow:
    """With the data as they were seeded. Raises EngineError or GeneratorError."""
    setting = FACTORS[case.factor](scene.topology, case.arm, case.level)
    scene.reset(case)
    with in_force(scene.trials.bench, scene.topology, case.arm, setting):
        able = _able(scene, case.arm, setting)
        rates = tuple(able * share for share in scene.settings.profile.shares)
        return _climb(scene, case, attempt, rates, setting)


def _able(scene: Scene, arm: str, setting: Setting) -> float:
    """Journeys per second by the utilisation law, from a short time at a modest rate."""
    trials, share = scene.trials, setting.share or 1.0
    with scene.ledger.spending("warming"):
        cpu_s = cpu_per_journey(
            trials,
            arm,
            rate=FIRST_RATE * share,
            seconds=scene.settings.profile.learning_s,
            seed=scene.settings.seed,
        )
    return share * len(trials.bench.division.arm) / cpu_s


def _climb(
    scene: Scene, case: Case, attempt: int, rates: tuple[float, ...], setting: Setting
) -> TrialRow:
    profile, number = scene.settings.profile, scene.next_number
    slot = Slot(
        block=case.block,
        position=scene.made,
        arm=case.arm,
        rate=rates[0],
        seed=scene.settings.seed + case.block,
        course=stepped(rates, profile.step_s),
    )
    described = f"{case}, {rates[0]:.2g} to {rates[-1]:.2g} journeys/s"
    scene.watcher.trial_begins(described, profile.timing.trial_s)
    engine = scene.trials.bench.engine
    rows: dict[str, Sequence[AnyRow]] = {
        "climbs": [ClimbRow(number, case.arm, case.factor, case.level, rates, profile.step_s)],
        "replicas": replica_rows(engine, case.arm, setting.replicas, number),
    }
    return scene.play(scene.trials, case, slot, rows, attempt=attempt)
