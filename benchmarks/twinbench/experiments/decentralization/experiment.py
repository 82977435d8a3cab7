"""Decentralization: how far each capability can go ahead alone, and what its owners give up.

Pace, from an edited line to its being served; data, tried with each role's own password; a library
in another version; and one report that needs the data of all.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import arms_up, provenance_of, unconfined
from twinbench.experiments.decentralization.moving import move
from twinbench.experiments.decentralization.ownership import capabilities_of, reaches
from twinbench.experiments.decentralization.pace import (
    Edited,
    built_s,
    edited,
    served_s,
    tested,
)
from twinbench.experiments.decentralization.reporting import (
    REPORTING_ARMS,
    agreed,
    reporting,
    told,
)
from twinbench.experiments.decentralization.settings import DecentralizationSettings
from twinbench.experiments.simplicity.suites import Suite
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.watcher import Watcher
from twinbench.load.preparation import PreparationError
from twinbench.results.decentralization import MoveRow, PaceRow, ReachRow, ReportRow
from twinbench.results.rows import AnyRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

TABLES: Final = ("paces", "reaches", "moves", "reports")
_EDIT_S: Final = 6.0
_REPORT_S: Final = 15.0

Servers = Callable[[], AbstractContextManager[Mapping[str, str]]]
"""A PostgreSQL and a Valkey for tests, and the variables that name them."""


def run_decentralization(
    engine: Engine, settings: DecentralizationSettings, watcher: Watcher, servers: Servers
) -> Path:
    """Try what the settings say, and return the run's folder.

    The code and the data that the arms had before are theirs again afterwards, data seeded. Raises
    EngineError, PatchError, PreparationError, NoFinalAnswerError, psycopg.Error or OSError.
    """
    ledger, ran = Ledger(), engine.status().running
    copies: list[Path] = []
    with ExitStack() as stack:
        # When nothing runs from them any more.
        stack.callback(_remove, copies)
        with ledger.spending("starting"):
            stack.enter_context(arms_up(engine, settings.arms, watcher))
        provenance = provenance_of(
            engine,
            "decentralization",
            configuration=dict(settings.configuration()) | {"dataset": engine.status().size},
            seed=settings.seed,
            limits=unconfined(engine, settings.arms),
        )
        writer = stack.enter_context(RunWriter.create(settings.out, provenance, tables=TABLES))
        run = _Decentralization(engine, settings, load_topology(), writer, watcher, ledger, copies)
        watcher.remaining(run.nominal_s)
        run.own_data()
        run.report()
        run.move()
        # What goes down now comes up with the checkout's code.
        stopped = run.edit(servers, back=ran)
        writer.finish({"stopped_by": stopped, **ledger.account()})
    return writer.folder


def _remove(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class _Decentralization:
    engine: Engine
    settings: DecentralizationSettings
    topology: Topology
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    copies: list[Path]
    _number: int = 0
    _changed: set[str] = field(default_factory=set)
    _suites: dict[tuple[str, ...], Suite | None] = field(default_factory=dict)

    @property
    def nominal_s(self) -> float:
        """All that is to be done, as far as it can be told beforehand; tests are not in it."""
        profile, arms = self.settings.profile, len(self.settings.arms)
        edits = profile.blocks * (profile.capabilities or len(capabilities_of(self.topology)))
        reports = len(REPORTING_ARMS) + arms * profile.move
        return arms * edits * _EDIT_S + reports * _REPORT_S + arms

    def own_data(self) -> None:
        """With nothing changed, each role tries every database of its arm."""
        for arm in self.settings.arms:
            with self.ledger.spending("measuring"):
                found = list(reaches(self.engine, self.topology, arm))
            number = self._next(f"{arm}: tables that each role can read", 1.0)
            self._write("reaches", [ReachRow(number, arm, *astuple(one)) for one in found])

    def report(self) -> None:
        """The same orders in each arm; every way must make the same report of them."""
        profile, first = self.settings.profile, None
        for arm in (one for one in self.settings.arms if one in REPORTING_ARMS):
            number = self._next(f"{arm}: a report over all capabilities", _REPORT_S)
            folder = self._folder / "reporting"
            rows: list[ReportRow] = []
            with self.ledger.spending("measuring"), reporting(self.engine, arm, folder) as ready:
                ways, trade = ready
                for _ in range(profile.orders):
                    trade.order()
                sales = agreed(ways)
                if first is not None and first != sales:
                    raise PreparationError(f"{arm} reports other sales of the same orders")
                first = sales
                for block in range(profile.repetitions):
                    for way in ways:
                        row = astuple(told(way, trade))
                        rows.append(ReportRow(number, block, arm, way.name, way.lines, *row))
            shutil.rmtree(folder, ignore_errors=True)
            self._write("reports", rows)

    def move(self) -> None:
        """A library in another version, where a package registry may be asked."""
        for arm in self.settings.arms if self.settings.profile.move else ():
            number = self._next(f"{arm}: a library in another version", _REPORT_S)
            with self.ledger.spending("measuring"):
                moved = move(self.engine, self.topology, arm, self._folder / "moving")
            self._write("moves", [MoveRow(number, arm, *astuple(moved))])

    def edit(self, servers: Servers, *, back: bool) -> str:
        """Capabilities in random order, the arms of one back to back; says why it is over. With
        `back` the checkout's code runs again afterwards."""
        profile, arms = self.settings.profile, self.settings.arms
        capabilities, longest = capabilities_of(self.topology), 0.0
        with ExitStack() as stack:
            variables = stack.enter_context(servers()) if profile.tests else None
            if back:
                stack.callback(self._put_back)
            for block in range(profile.blocks):
                began = self.ledger.elapsed
                if block and began + longest > profile.budget_s:
                    return "time"
                order = np.random.default_rng([self.settings.seed, block])
                for index in order.permutation(len(capabilities))[: profile.capabilities]:
                    for arm in order.permutation(len(arms)):
                        self._edit(block, arms[arm], capabilities[index], variables)
                longest = max(longest, self.ledger.elapsed - began)
        return "blocks"

    def _edit(
        self, block: int, arm: str, capability: str, variables: Mapping[str, str] | None
    ) -> None:
        number = self._next(f"{arm}: a line of {capability}", _EDIT_S)
        folder = self._folder / f"{arm}-{capability}-{block}"
        self.copies.append(folder)
        edit = edited(self.topology, arm, capability, folder)
        self._changed |= {component.name for component in edit.components}
        with self.ledger.spending("measuring"):
            suite = None if variables is None else self._tested(edit, variables)
            build_s = built_s(self.engine, edit)
            serve_s = served_s(self.engine, arm, edit)
        row = PaceRow(
            number,
            block,
            arm,
            capability,
            suites=edit.suites,
            test_s=None if suite is None else suite.seconds,
            tests=0 if suite is None else suite.tests,
            failed=0 if suite is None else suite.failed,
            build_s=build_s,
            serve_s=serve_s,
            components=tuple(component.name for component in edit.components),
        )
        self._write("paces", [row])

    def _tested(self, edit: Edited, variables: Mapping[str, str]) -> Suite | None:
        """Suites that several edits need are run and timed for the first of them."""
        if edit.suites not in self._suites:
            self.watcher.phase(f"running the tests of {', '.join(edit.suites)}")
            self._suites[edit.suites] = tested(edit, variables)
        return self._suites[edit.suites]

    def _put_back(self) -> None:
        with self.ledger.spending("resetting"):
            for component in sorted(self._changed):
                self.engine.replace(component)

    @property
    def _folder(self) -> Path:
        return self.engine.paths.releases

    def _next(self, what: str, seconds: float) -> int:
        self._number += 1
        self.watcher.trial_begins(what, seconds)
        return self._number

    def _write(self, table: str, rows: Sequence[AnyRow]) -> None:
        self.writer.add_trial(self._number, {table: rows}, spent=self.ledger.seconds())
