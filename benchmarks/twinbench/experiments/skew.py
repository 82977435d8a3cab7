"""Skew: what a demanded rate costs as one capability is asked for more and more.

A search for the fewest replicas with which an arm serves that rate within the objective. Every
replica has one slice of the arm's cores; databases, brokers, gateways and workers share the whole.
Which replicas come next is not decided here: a `Chooser` is asked after every trial.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from twinbench.engines.protocol import Limit, Part
from twinbench.experiments.bench import Bench, components_of
from twinbench.experiments.budgets import UNLIMITED, limit_of
from twinbench.experiments.design import Slot
from twinbench.experiments.scaling_trials import Case, Scene, replica_rows
from twinbench.experiments.setting import serving
from twinbench.experiments.warming import cpu_per_journey
from twinbench.load.skew import hot_share, requests_per_journey, skewed
from twinbench.results.rows import AnyRow
from twinbench.results.scaling import ProvisionRow
from twinbench.results.store import Run

SKEW: Final = "skew"

Provide = Callable[[Mapping[str, int]], None]
"""Has an arm run with so many replicas."""


@dataclass(frozen=True, slots=True)
class Search:
    """Of one arm in one block, with this share of hot requests: replicas of `components`, `most` at
    most of each."""

    block: int
    share: float
    arm: str
    components: tuple[str, ...]
    most: int


Chooser = Callable[[Run, Search], Mapping[str, int] | None]
"""What a search is to try next, from the run so far; None when it is over."""


def demanded_rate(scene: Scene, rate: float) -> float:
    """Requests per second: the profile's share of what the arm that can serve least could serve at
    most with the usual mix, by the utilisation law from a short time at `rate`."""
    profile, trials = scene.settings.profile, scene.trials
    dearest = 0.0
    for arm in scene.settings.arms:
        scene.watcher.phase(f"learning what a journey costs {arm}")
        with scene.ledger.spending("warming"):
            seconds, seed = profile.learning_s, scene.settings.seed
            cpu_s = cpu_per_journey(trials, arm, rate=rate, seconds=seconds, seed=seed)
            dearest = max(dearest, cpu_s)
    able = len(trials.bench.division.arm) / dearest
    return profile.demand * able * requests_per_journey(trials.workload.mix)


def search(
    scene: Scene, case: Case, chooser: Chooser, demanded: float, in_time: Callable[[], bool]
) -> None:
    """Trials of one arm until its search is over, or there is no time for another.

    One that was broken off goes on where it was.
    """
    profile = scene.settings.profile
    workload = skewed(scene.trials.workload, case.level)
    wanted = Search(
        block=case.block,
        share=hot_share(workload.mix),
        arm=case.arm,
        components=serving(scene.topology, case.arm),
        most=profile.slices,
    )
    replicas = _chosen(scene, chooser, wanted)
    if replicas is None:
        return
    scene.reset(case)
    trials = replace(scene.trials, workload=workload, timing=profile.probing)
    rate = demanded / requests_per_journey(workload.mix)
    slot = Slot(case.block, scene.made, case.arm, rate, seed=scene.settings.seed + case.block)
    with _sliced(trials.bench, case.arm, profile.slices) as provide:
        while replicas is not None:
            provide(replicas)
            described = f"{case}, {_told(replicas)}"
            scene.watcher.trial_begins(described, profile.probing.trial_s)
            rows = _rows(scene, wanted, demanded, replicas)
            scene.play(trials, case, replace(slot, position=scene.made), rows)
            if not in_time():
                return
            replicas = _chosen(scene, chooser, wanted)


def _chosen(scene: Scene, chooser: Chooser, wanted: Search) -> Mapping[str, int] | None:
    with scene.ledger.spending("judging"):
        return chooser(scene.writer.so_far(), wanted)


def _told(replicas: Mapping[str, int]) -> str:
    several = [f"{count} {name}" for name, count in replicas.items() if count > 1]
    return f"{' and '.join(several)} replicas" if several else "one of everything"


def _rows(
    scene: Scene, wanted: Search, demanded: float, replicas: Mapping[str, int]
) -> dict[str, Sequence[AnyRow]]:
    """With what the next trial is played."""
    bench, arm, number = scene.trials.bench, wanted.arm, scene.next_number
    cpus = len(bench.division.arm) / wanted.most
    provisions = [
        ProvisionRow(number, arm, wanted.share, demanded, name, count, cpus)
        for name, count in replicas.items()
    ]
    places = replica_rows(bench.engine, arm, replicas, number)
    return {"provisions": provisions, "replicas": places}


@contextmanager
def _sliced(bench: Bench, arm: str, slices: int) -> Iterator[Provide]:
    """The arm runs with replicas in slices of its cores, and with the topology's own afterwards."""
    bench.only(arm)
    whole = limit_of(UNLIMITED, bench.division.arm)
    now: dict[str, int] = {}

    def scale(replicas: Mapping[str, int]) -> None:
        """Not in slices: starting in one takes as many times longer."""
        changed = {name: n for name, n in replicas.items() if n != now.get(name, 1)}
        if changed:
            bench.limit(arm, whole)
        for name, count in changed.items():
            bench.engine.scale(name, count)
            now[name] = count

    def provide(replicas: Mapping[str, int]) -> None:
        scale(replicas)
        bench.limit(arm, _slices(bench, arm, replicas, slices))
        bench.only(arm)
        bench.engine.wait_ready(arm)

    try:
        yield provide
    finally:
        bench.limit(arm, whole)
        scale(dict.fromkeys(now, 1))


def _slices(bench: Bench, arm: str, replicas: Mapping[str, int], slices: int) -> Limit:
    """A component's replicas share their slices; what has none may use all there is."""
    cores = bench.division.arm
    parts = tuple(
        Part(name, len(cores) * replicas[name] / slices if name in replicas else None, None)
        for name in components_of(bench.engine, arm)
    )
    return Limit(frozenset(cores), cpus=float(len(cores)), parts=parts)
