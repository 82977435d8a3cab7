"""Deployment: what customers notice when a next version takes the place of the one they use.

Each arm is deployed on alone, under steady load, with the others frozen. What a change touches is
replaced: the monolith as a whole, of the services only the one.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.deployment.deploying import Deployment, Release, build
from twinbench.experiments.deployment.releases import Flavour
from twinbench.experiments.deployment.settings import HALF, DeploymentSettings, Step
from twinbench.experiments.design import Slot
from twinbench.experiments.profiles import Timing
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.watcher import Watcher
from twinbench.results.rows import AnyRow
from twinbench.results.store import RunWriter
from twinbench.topology import load as load_topology

# The rate at which arms are driven when the profile names none.
_FIRST_RATE: Final = 6.0
# Between trials: putting back what was there before, beside the trial's own length.
_PUTTING_BACK_S: Final = 6.0

Releases = Mapping[tuple[str, Flavour], Release]


@dataclass(frozen=True, slots=True)
class _Course:
    """What all trials of a run share; rates in journeys per second, by arm."""

    trials: Trials
    releases: Releases
    rates: Mapping[str, float]
    writer: RunWriter


def run_deployment(engine: Engine, settings: DeploymentSettings, watcher: Watcher) -> Path:
    """Deploy as the profile says, under load, and return the run's folder.

    The code and the data that the arms had before are theirs again afterwards.
    Raises EngineError, PatchError, PreparationError, GeneratorError or OSError.
    """
    return _Deployments(engine, settings, watcher).run()


@dataclass(slots=True)
class _Deployments:
    engine: Engine
    settings: DeploymentSettings
    watcher: Watcher
    ledger: Ledger = field(default_factory=Ledger)
    _changed: dict[str, tuple[Release, int]] = field(default_factory=dict)
    _number: int = 0

    def run(self) -> Path:
        releases = self._built()
        with session(self.engine, self._beginning(), self.watcher, self.ledger) as begun:
            rates = self._rates(begun)
            self._prepare(releases)
            try:
                with self._begin(begun, rates) as writer:
                    stopped = self._blocks(_Course(begun.trials, releases, rates, writer))
                    writer.finish({"stopped_by": stopped, **self.ledger.account()})
                    folder = writer.folder
            finally:
                for arm in list(self._changed):
                    self._put_back(begun.trials, arm)
        shutil.rmtree(self._folder, ignore_errors=True)
        return folder

    @property
    def _folder(self) -> Path:
        return self.engine.paths.releases

    def _built(self) -> Releases:
        topology, profile = load_topology(), self.settings.profile
        self.watcher.phase("building next versions")
        self._folder.mkdir(parents=True, exist_ok=True)
        flavours: list[Flavour] = list(dict.fromkeys(step.flavour for step in profile.steps))
        return {
            (arm, flavour): build(topology, self._folder, arm, flavour)
            for arm in self.settings.arms
            for flavour in flavours
        }

    def _prepare(self, releases: Releases) -> None:
        """Where code is in images they are built now: what is timed is the rollout."""
        self.watcher.phase("building artefacts")
        for release in releases.values():
            for component in release.target.components:
                self.engine.prepare(component, source=release.source)
            if release.after is not None:
                self.engine.prepare(release.target.job, source=release.source)
                self.engine.prepare(release.target.job, source=release.after)

    def _beginning(self) -> Beginning:
        settings, profile = self.settings, self.settings.profile
        return Beginning(
            arms=settings.arms,
            seed=settings.seed,
            timing=self._timing(profile.steps[0]),
            gates=settings.gates,
            budget=settings.budget,
            warming_rate=profile.rate or _FIRST_RATE,
            warming_s=profile.warming_s,
        )

    def _timing(self, step: Step) -> Timing:
        profile = self.settings.profile
        return Timing(profile.warmup_s, step.measure_s, profile.tail_s, profile.drain_s)

    def _rates(self, begun: Session) -> dict[str, float]:
        rate = self.settings.profile.rate
        if rate is not None:
            return dict.fromkeys(self.settings.arms, rate)
        able = begun.able(self.settings.budget)
        return {arm: float(f"{HALF * most:.2g}") for arm, most in able.items()}

    def _begin(self, begun: Session, rates: Mapping[str, float]) -> RunWriter:
        provenance = run_provenance(
            begun.bench,
            "deployment",
            configuration={**self.settings.configuration(), "rates": dict(rates)},
            seed=self.settings.seed,
        )
        tables = ("trials", "resources", "audits", "deployments")
        return RunWriter.create(self.settings.out, provenance, tables=tables)

    def _blocks(self, course: _Course) -> str:
        profile, longest = self.settings.profile, 0.0
        for block in range(profile.blocks):
            began = self.ledger.elapsed
            if block and began + longest > profile.budget_s:
                return "time"
            most = (profile.blocks - block) * max(self._block_s, longest)
            self.watcher.remaining(max(self._block_s, min(most, profile.budget_s - began)))
            for arm, step in self._order(block):
                self._trial(course, arm, step, block)
            longest = max(longest, self.ledger.elapsed - began)
        return "blocks"

    @property
    def _block_s(self) -> float:
        steps = self.settings.profile.steps
        one = sum(self._timing(step).trial_s + _PUTTING_BACK_S for step in steps)
        return one * len(self.settings.arms)

    def _order(self, block: int) -> Iterator[tuple[str, Step]]:
        """Steps in random order; the arms of one step back to back, in random order."""
        order, profile = np.random.default_rng([self.settings.seed, block]), self.settings.profile
        for index in order.permutation(len(profile.steps)):
            for arm in order.permutation(len(self.settings.arms)):
                yield self.settings.arms[arm], profile.steps[index]

    def _trial(self, course: _Course, arm: str, step: Step, block: int) -> None:
        self._put_back(course.trials, arm)
        release, writer = course.releases[arm, step.flavour], course.writer
        self._number += 1
        number, timing, profile = self._number, self._timing(step), self.settings.profile
        seeds = np.random.SeedSequence([self.settings.seed, block, number])
        slot = Slot(block, number, arm, course.rates[arm], int(seeds.generate_state(1)[0]))
        self.watcher.trial_begins(f"{arm}: {step.flavour}, {step.strategy}", timing.trial_s)
        product = course.trials.shops[arm].products[0]
        deployment = Deployment(self.engine, arm, release, step.strategy, product, step.replicas)
        begin_s = profile.warmup_s + profile.before_s
        course.trials.bench.only(arm)
        self._changed[arm] = release, step.replicas
        for component in release.target.serving if step.replicas > 1 else ():
            self.engine.scale(component, step.replicas)
        deployment.look()
        row, resources, _ = replace(course.trials, timing=timing).run(
            slot,
            number=number,
            attempt=1,
            requests=writer.requests_path(number),
            begun=lambda origin: deployment.begin_at(origin + begin_s),
        )
        deployment.conclude()
        told = deployment.row(number, row.origin_ns)
        self.ledger.book("measuring", timing.measure_s + timing.tail_s)
        with self.ledger.spending("auditing"):
            audit = course.trials.audit(row)
        rows: dict[str, Sequence[AnyRow]] = {
            "trials": [row],
            "resources": resources,
            "audits": [audit],
            "deployments": [told],
        }
        writer.add_trial(number, rows, arm=arm, valid=row.valid, outcome=told.outcome)
        self.watcher.trial_ended(row)
        self.watcher.audited(audit)

    def _put_back(self, trials: Trials, arm: str) -> None:
        """The code of the checkout, and the seeded data where the schema was changed."""
        if arm not in self._changed:
            return
        release, replicas = self._changed.pop(arm)
        self.watcher.phase(f"putting {arm} back to where it was")
        with self.ledger.spending("resetting"):
            self.engine.thaw(arm)
            for component in release.target.serving if replicas > 1 else ():
                self.engine.scale(component, 1)
            for component in release.target.components if release.flavour != "broken" else ():
                self.engine.replace(component)
            if release.after is not None:
                trials.reset(arm)
