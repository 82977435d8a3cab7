"""Polyglotism: what another language, or another kind of database, gives one service and costs it.

The microservices run alone. Each replacement takes the original's place by one setting, everything
else being as it was: first each serves a trial, then one is swapped for the other under load.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.design import Slot
from twinbench.experiments.polyglotism.footprint import Footprint, footprint_of
from twinbench.experiments.polyglotism.settings import (
    ARM,
    REPLACEMENTS,
    PolyglotismSettings,
    Replacement,
)
from twinbench.experiments.polyglotism.swapping import Swap
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.simplicity.experiment import set_aside
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.watcher import Watcher
from twinbench.paths import CHECKOUT
from twinbench.results.polyglotism import ReplacementRow
from twinbench.results.rows import AnyRow
from twinbench.results.store import RunWriter

_TABLES: Final = ("trials", "resources", "audits", "replacements")
# Beside a trial's own length: putting an implementation in place, and its data as they were seeded.
_CHANGING_S: Final = 4.0
_TIMEOUT_S: Final = 10
# A swap begins when so much of the measured window is over.
_SWAPPED_AT: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Turn:
    """One trial to be. In a swap `implementation` serves at its beginning, `other` at its end."""

    block: int
    replacement: Replacement
    kind: Literal["steady", "swap"]
    implementation: str
    other: str
    seed: int


def run_polyglotism(engine: Engine, settings: PolyglotismSettings, watcher: Watcher) -> Path:
    """Measure the replacements beside the originals, and return the run's folder.

    What `engine` runs is taken down for it, as it has not the stores of all of them, and brought up
    again afterwards. Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    footprints = {project.name: footprint_of(project) for project in projects()}
    with set_aside(engine, watcher), _others_in_place():
        return _Polyglotism(engine, settings, watcher, footprints).run()


def projects() -> list[Path]:
    """Of all implementations."""
    names = [one.name for pair in REPLACEMENTS for one in (pair.original, pair.other)]
    return [CHECKOUT / "microservices" / name for name in names]


@contextmanager
def _others_in_place() -> Iterator[None]:
    """What is brought up meanwhile has all replacements, and with them their stores."""
    wanted = {one.setting: one.other.name for one in REPLACEMENTS}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass(slots=True)
class _Polyglotism:
    engine: Engine
    settings: PolyglotismSettings
    watcher: Watcher
    footprints: Mapping[str, Footprint]
    ledger: Ledger = field(default_factory=Ledger)
    _number: int = 0

    def run(self) -> Path:
        with (
            session(self.engine, self._beginning(), self.watcher, self.ledger) as begun,
            self._begin(begun) as writer,
        ):
            stopped = self._blocks(begun.trials, writer)
            writer.finish({"stopped_by": stopped, **self.ledger.account()})
        return writer.folder

    def _beginning(self) -> Beginning:
        settings, profile = self.settings, self.settings.profile
        return Beginning(
            arms=(ARM,),
            seed=settings.seed,
            timing=profile,
            gates=settings.gates,
            budget=settings.budget,
            warming_rate=profile.rate,
            warming_s=profile.warming_s,
        )

    def _begin(self, begun: Session) -> RunWriter:
        told: dict[str, Any] = {name: asdict(one) for name, one in self.footprints.items()}
        provenance = run_provenance(
            begun.bench,
            "polyglotism",
            configuration={**self.settings.configuration(), "footprints": told},
            seed=self.settings.seed,
        )
        return RunWriter.create(self.settings.out, provenance, tables=_TABLES)

    def _blocks(self, trials: Trials, writer: RunWriter) -> str:
        profile, longest = self.settings.profile, 0.0
        for block in range(profile.blocks):
            began = self.ledger.elapsed
            if block and began + longest > profile.budget_s:
                return "time"
            turns = self._turns(block)
            nominal = len(turns) * (profile.trial_s + _CHANGING_S)
            self.watcher.remaining((profile.blocks - block) * max(nominal, longest))
            for turn in turns:
                self._trial(trials, writer, turn)
            longest = max(longest, self.ledger.elapsed - began)
        return "blocks"

    def _turns(self, block: int) -> list[_Turn]:
        """Replacements in random order; of each, both serve in random order, and then the original
        gives way to the other. All are asked the same."""
        order = np.random.default_rng([self.settings.seed, block])
        turns: list[_Turn] = []
        for index in order.permutation(len(REPLACEMENTS)):
            one = REPLACEMENTS[index]
            pair = (one.original.name, one.other.name)
            seeds = np.random.SeedSequence([self.settings.seed, block, int(index)])
            seed = int(seeds.generate_state(1)[0])
            turns += [
                _Turn(block, one, "steady", pair[first], pair[1 - first], seed)
                for first in order.permutation(2)
            ]
            turns.append(_Turn(block, one, "swap", *pair, seed))
        return turns

    def _trial(self, trials: Trials, writer: RunWriter, turn: _Turn) -> None:
        self._number += 1
        number, profile = self._number, self.settings.profile
        self.watcher.trial_begins(_describe(turn), profile.trial_s)
        cold, idle = self._started(turn)
        with self.ledger.spending("resetting"):
            # Carts as well: what one implementation was told the other does not know.
            trials.reset(ARM)
        swap = Swap(self.engine, turn.replacement, turn.other)
        begin_s = profile.warmup_s + _SWAPPED_AT * profile.measure_s
        row, resources, _ = trials.run(
            Slot(turn.block, number, ARM, profile.rate, turn.seed),
            number=number,
            attempt=1,
            requests=writer.requests_path(number),
            begun=lambda origin: swap.begin_at(origin + begin_s) if turn.kind == "swap" else None,
        )
        swap.conclude()
        self.ledger.book("warming", profile.warmup_s)
        self.ledger.book("measuring", profile.measure_s + profile.tail_s)
        with self.ledger.spending("auditing"):
            audit = trials.audit(row)
        told = ReplacementRow(
            trial=number,
            block=turn.block,
            component=turn.replacement.component,
            kind=turn.kind,
            implementation=turn.implementation,
            other=turn.other,
            version=self._version(turn.replacement.component),
            cold_start_s=cold,
            idle_bytes=idle,
            swap_s=swap.seconds,
            reason=swap.reason,
        )
        rows: dict[str, Sequence[AnyRow]] = {
            "trials": [row], "resources": resources, "audits": [audit], "replacements": [told],
        }  # fmt: skip
        writer.add_trial(number, rows, component=told.component, kind=turn.kind, valid=row.valid)
        self.watcher.trial_ended(row)
        self.watcher.audited(audit)

    def _started(self, turn: _Turn) -> tuple[float | None, int | None]:
        """Seconds from nothing to ready, and the memory that it then holds; nothing of a swap."""
        component, setting = turn.replacement.component, turn.replacement.setting
        with self.ledger.spending("starting"):
            self.engine.replace(component, variables={setting: turn.implementation})
            if turn.kind == "swap":
                return None, None
            self.engine.kill(component, restart=False)
            began = time.monotonic()
            self.engine.start(component)
            seconds = time.monotonic() - began
            self.engine.wait_ready(ARM)
        found = [one for one in self.engine.stats(ARM) if one.name == component]
        return seconds, found[0].pss_bytes if found else None

    def _version(self, component: str) -> str:
        url = f"http://{self.engine.address(component)}/version"
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            return str(json.load(answer)["version"])


def _describe(turn: _Turn) -> str:
    if turn.kind == "swap":
        return f"block {turn.block + 1}: {turn.implementation} gives way to {turn.other}"
    return f"block {turn.block + 1}: {turn.implementation} serves"
