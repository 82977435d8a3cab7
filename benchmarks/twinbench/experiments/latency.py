"""Latency: what every journey costs its customer, and the machine, in each arm.

All arms get the same journeys at the same rates, one arm at a time with the others frozen, in
randomised complete blocks that begin with the seeded data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.blocks import Blocks, Judge, More, nothing_more
from twinbench.experiments.design import Design
from twinbench.experiments.resuming import PLANNED, Broken, broken_off
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.settings import LatencySettings
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.watcher import Watcher
from twinbench.results.store import RunWriter

# Rates closer than this to each other are one: more blocks tell more than more rates.
_SAME_RATE: Final = 0.15
# The rate at which arms are driven when the profile names none.
_FIRST_RATE: Final = 6.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept of an open load, and whether the arms are traced meanwhile."""

    name: str
    tables: tuple[str, ...] = ("trials", "resources", "audits")
    traced: bool = False
    more: More = nothing_more


_LATENCY: Final = Kind("latency")


def run_latency(engine: Engine, settings: LatencySettings, watcher: Watcher, judge: Judge) -> Path:
    """Run the experiment and return its run folder.

    Arms that were down are brought up, and taken down again when all is done or given up.
    Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    return run_open_load(engine, settings, watcher, judge, _LATENCY)


def resume_latency(engine: Engine, folder: Path, watcher: Watcher, judge: Judge) -> Path:
    """Go on with a run that was broken off, from where its journal ends.

    Raises IncompatibleRunError or UnlikeRunError for one that cannot go on, and what `run_latency`
    does.
    """
    return resume_open_load(engine, folder, watcher, judge, _LATENCY)


def run_open_load(
    engine: Engine, settings: LatencySettings, watcher: Watcher, judge: Judge, kind: Kind
) -> Path:
    """As `run_latency`, of any kind."""
    return _OpenLoad(engine, settings, watcher, judge, kind).run(None)


def resume_open_load(
    engine: Engine, folder: Path, watcher: Watcher, judge: Judge, kind: Kind
) -> Path:
    """As `resume_latency`, of any kind."""
    broken = broken_off(folder, kind.name)
    settings = LatencySettings.of(broken.document, folder)
    ledger = Ledger(already=broken.spent)
    with broken.writer:
        return _OpenLoad(engine, settings, watcher, judge, kind, ledger).run(broken)


@dataclass(slots=True)
class _OpenLoad:
    engine: Engine
    settings: LatencySettings
    watcher: Watcher
    judge: Judge
    kind: Kind
    ledger: Ledger = field(default_factory=Ledger)

    def run(self, broken: Broken | None) -> Path:
        with session(self.engine, self._beginning(broken), self.watcher, self.ledger) as begun:
            if broken is not None:
                return self._measure(begun, broken.design, broken.writer, broken)
            design = self._design(begun)
            with self._begin(begun, design) as writer:
                return self._measure(begun, design, writer, None)

    def _beginning(self, broken: Broken | None) -> Beginning:
        settings, profile = self.settings, self.settings.profile
        return Beginning(
            arms=settings.arms,
            seed=settings.seed,
            timing=profile,
            gates=settings.gates,
            budget=settings.budget,
            warming_rate=max(profile.rates, default=_FIRST_RATE),
            warming_s=profile.warming_s,
            sizes=broken.warmth if broken else None,
            traced=self.kind.traced,
        )

    def _measure(
        self, begun: Session, design: Design, writer: RunWriter, broken: Broken | None
    ) -> Path:
        blocks = Blocks(
            begun.trials,
            design,
            self.settings.profile,
            writer,
            self.watcher,
            self.ledger,
            self.judge,
            begun.signed_in_at,
            self.kind.more,
        )
        stopped = blocks.run(broken.rows if broken else ())
        writer.finish({"stopped_by": stopped, **self.ledger.account()})
        return writer.folder

    def _design(self, begun: Session) -> Design:
        profile, arms = self.settings.profile, self.settings.arms
        if profile.rates:
            return Design(dict.fromkeys(profile.rates, arms), self.settings.seed)
        able = begun.able(self.settings.budget)
        rates = rates_up_to_the_knee(able, profile.levels)
        curve = frozenset(rates) - headline_rates(rates, able, profile.headlines)
        return Design(rates, self.settings.seed, curve, profile.curve_every)

    def _kinds(self, begun: Session) -> dict[str, Any]:
        """Kinds of the arms' components, where their parts are to be told apart."""
        if not self.kind.traced:
            return {}
        parts = begun.bench.engine.status().components
        return {"kinds": {one.name: one.kind for one in parts if one.arm in self.settings.arms}}

    def _begin(self, begun: Session, design: Design) -> RunWriter:
        rates = sorted(design.rates)
        provenance = run_provenance(
            begun.bench,
            self.kind.name,
            configuration=self.settings.configuration()
            | {"rates": rates, "curve": sorted(design.curve)}
            | self._kinds(begun),
            seed=self.settings.seed,
        )
        writer = RunWriter.create(self.settings.out, provenance, tables=self.kind.tables)
        writer.note(
            PLANNED,
            plan=[[rate, list(design.rates[rate])] for rate in rates],
            warmed_up={arm: asdict(warm) for arm, warm in begun.warmth.items()},
            spent=self.ledger.seconds(),
        )
        return writer


def rates_up_to_the_knee(
    able: Mapping[str, float], levels: Sequence[float]
) -> dict[float, tuple[str, ...]]:
    """Journeys per second, with the arms that are asked for each.

    `able` is what each arm could serve at most by the utilisation law, cores by CPU time per
    journey. Every arm's levels are offered to all arms, but to none far beyond its own highest. Of
    rates that are nearly the same the higher is kept, for the highest is to lie past the knee.
    """
    wanted = {_rounded(level * most) for most in able.values() for level in levels}
    rates: list[float] = []
    for rate in sorted(wanted, reverse=True):
        if not rates or rate * (1 + _SAME_RATE) < rates[-1]:
            rates.append(rate)
    highest = {arm: most * max(levels) * (1 + _SAME_RATE) for arm, most in able.items()}
    return {rate: tuple(arm for arm in able if rate <= highest[arm]) for rate in sorted(rates)}


def headline_rates(
    rates: Mapping[float, Sequence[str]], able: Mapping[str, float], shares: Sequence[float]
) -> frozenset[float]:
    """Of `rates` that all arms are asked for, those nearest to these shares of the least able arm.

    Without shares, all.
    """
    if not shares:
        return frozenset(rates)
    common = [rate for rate, arms in rates.items() if len(arms) == len(able)]
    least = min(able.values())
    return frozenset(min(common, key=lambda rate: abs(rate - share * least)) for share in shares)


def _rounded(rate: float) -> float:
    """To two significant digits: more would only look exact."""
    return float(f"{rate:.2g}")
