"""What `run` can measure, by name: how a run is begun from what was asked, and how it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from twinbench import topology
from twinbench.analysis.cheapest import Room
from twinbench.analysis.hops import known_within
from twinbench.analysis.skew import Wanted, next_replicas
from twinbench.commands.asking import (
    Asked,
    capacity_settings,
    consistency_settings,
    deployment_settings,
    hops_settings,
    latency_settings,
    modularity_settings,
    precise_enough,
    scaling_settings,
    usual_arms,
)
from twinbench.commands.breaking import resilience_settings
from twinbench.commands.capacity import next_try
from twinbench.commands.decentralization import (
    decentralization_settings,
    measure_decentralization,
)
from twinbench.commands.polyglotism import polyglotism_settings
from twinbench.commands.sandbox import temporary_servers
from twinbench.commands.simplicity import measure_simplicity, simplicity_settings
from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.capacity import resume_capacity, run_capacity
from twinbench.experiments.consistency import run_consistency
from twinbench.experiments.deployment.experiment import run_deployment
from twinbench.experiments.floors import FloorSettings, run_floors
from twinbench.experiments.hops import resume_hops, run_hops
from twinbench.experiments.latency import resume_latency, run_latency
from twinbench.experiments.modularity.experiment import run_modularity
from twinbench.experiments.polyglotism.experiment import run_polyglotism
from twinbench.experiments.resilience import run_resilience
from twinbench.experiments.scaling import resume_scaling, run_scaling
from twinbench.experiments.skew import Search
from twinbench.experiments.watcher import Watcher
from twinbench.results.store import Run

_SEARCHES: Final = ("capacity", "scaling")

Measure = Callable[[Engine, Watcher], Path]
"""Measures and returns the run's folder."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """`begin` checks all that was asked before anything runs; it raises TwinbenchError.

    `resume` goes on with a run's folder; where there is none, `why_not` says so. `own_arms`: it
    wants arms as others do not, traced or one at a time, and is quickest where none are up.
    """

    begin: Callable[[Asked, Path], Measure]
    resume: Callable[[Engine, Path, Watcher], Path] | None = None
    why_not: str = "is of one piece"
    own_arms: bool = False


def measurement(name: str, asked: Asked, out: Path, resume: Path | None) -> Measure:
    """Of a known experiment. Raises TwinbenchError for what cannot be."""
    experiment = EXPERIMENTS[name]
    if asked.within is not None and name not in _SEARCHES:
        raise TwinbenchError(f"--within is what {' and '.join(_SEARCHES)} search by: leave it out")
    if resume is None:
        return experiment.begin(asked, out)
    if asked != Asked():
        raise TwinbenchError("a run goes on as it was begun: give --resume no other settings")
    if experiment.resume is None:
        raise TwinbenchError(f"a run of {name} {experiment.why_not}: begin it again")
    go_on = experiment.resume
    return lambda engine, watcher: go_on(engine, resume, watcher)


def _known() -> tuple[str, ...]:
    return topology.load().arms


def _latency(asked: Asked, out: Path) -> Measure:
    settings = latency_settings(asked, usual_arms(asked), out)
    return lambda engine, watcher: run_latency(engine, settings, watcher, precise_enough)


def _capacity(asked: Asked, out: Path) -> Measure:
    settings = capacity_settings(asked, usual_arms(asked), out)
    return lambda engine, watcher: run_capacity(engine, settings, watcher, next_try)


def _scaling(asked: Asked, out: Path) -> Measure:
    settings = scaling_settings(asked, _known(), out)
    return lambda engine, watcher: run_scaling(engine, settings, watcher, fewest)


def fewest(run: Run, wanted: Search) -> Mapping[str, int] | None:
    """By the search of the analysis."""
    room = Room(wanted.components, wanted.most)
    return next_replicas(run, Wanted(wanted.block, wanted.share, wanted.arm), room)


def _deployment(asked: Asked, out: Path) -> Measure:
    settings = deployment_settings(asked, _known(), out)
    return lambda engine, watcher: run_deployment(engine, settings, watcher)


def _resilience(asked: Asked, out: Path) -> Measure:
    known = topology.load().usual_arms if asked.arms is None else _known()
    settings = resilience_settings(asked, known, out)
    return lambda engine, watcher: run_resilience(engine, settings, watcher)


def _consistency(asked: Asked, out: Path) -> Measure:
    settings = consistency_settings(asked, usual_arms(asked), out)
    return lambda engine, watcher: run_consistency(engine, settings, watcher)


def _modularity(asked: Asked, out: Path) -> Measure:
    settings = modularity_settings(asked, out)
    return lambda engine, watcher: run_modularity(engine, settings, watcher, temporary_servers)


def _polyglotism(asked: Asked, out: Path) -> Measure:
    settings = polyglotism_settings(asked, out)
    return lambda engine, watcher: run_polyglotism(engine, settings, watcher)


def _simplicity(asked: Asked, out: Path) -> Measure:
    settings = simplicity_settings(asked, _known(), out)
    return lambda engine, watcher: measure_simplicity(engine, settings, watcher)


def _decentralization(asked: Asked, out: Path) -> Measure:
    settings = decentralization_settings(asked, out)
    return lambda engine, watcher: measure_decentralization(engine, settings, watcher)


def _floors(asked: Asked, out: Path) -> Measure:
    if asked != Asked(seed=asked.seed):
        raise TwinbenchError("floors takes no settings but --seed and --out")
    settings = FloorSettings(seed=asked.seed or 1, out=out)
    return lambda engine, watcher: run_floors(engine, settings, watcher)


def _hops(asked: Asked, out: Path) -> Measure:
    settings = hops_settings(asked, _known(), out)
    return lambda engine, watcher: run_hops(engine, settings, watcher, known_within)


EXPERIMENTS: Final[dict[str, Experiment]] = {
    "latency": Experiment(_latency, partial(resume_latency, judge=precise_enough)),
    "capacity": Experiment(_capacity, partial(resume_capacity, searcher=next_try)),
    "scaling": Experiment(_scaling, partial(resume_scaling, chooser=fewest)),
    "deployment": Experiment(_deployment),
    "resilience": Experiment(_resilience),
    "consistency": Experiment(_consistency),
    "modularity": Experiment(_modularity, own_arms=True),
    "decentralization": Experiment(_decentralization),
    "polyglotism": Experiment(_polyglotism, own_arms=True),
    "simplicity": Experiment(_simplicity, own_arms=True),
    "floors": Experiment(_floors, why_not="takes a minute"),
    "hops": Experiment(_hops, partial(resume_hops, judge=known_within), own_arms=True),
}
