"""What can be said of both builds without an arm that runs: their code, and their change requests.

Tests that are to be run need servers of their own, and a scratch checkout to be patched.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from twinbench.experiments.modularity import reading
from twinbench.experiments.modularity.blast import Before, measured, projects
from twinbench.experiments.modularity.boundaries import BUILDS, MONOLITH
from twinbench.experiments.modularity.proving import proved
from twinbench.experiments.modularity.requests import Request, Scratch
from twinbench.experiments.modularity.rules import rule_rows
from twinbench.experiments.modularity.testing import SuiteError, outcome_of
from twinbench.paths import CHECKOUT
from twinbench.results.modularity import ChangeRow, EdgeRow, RuleRow, SuiteRow, SurfaceRow
from twinbench.results.rows import AnyRow
from twinbench.topology import load as load_topology

Servers = Callable[[], AbstractContextManager[Mapping[str, str]]]
"""Starts servers for tests, and gives the variables that tell tests of them."""
Say = Callable[[str], None]
"""Told what is begun."""


@dataclass(slots=True)
class Study:
    """Rows so far, of both builds."""

    edges: list[EdgeRow] = field(default_factory=list)
    surfaces: list[SurfaceRow] = field(default_factory=list)
    rules: list[RuleRow] = field(default_factory=list)
    suites: list[SuiteRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)

    def rows_of(self, build: str, at_work: Iterable[EdgeRow]) -> dict[str, Sequence[AnyRow]]:
        """By table, none of them empty; edges of the code and of the arm `at_work` together."""
        known: dict[str, Sequence[AnyRow]] = {
            "edges": [*(one for one in self.edges if one.build == build), *at_work],
            "surfaces": [one for one in self.surfaces if one.build == build],
            "rules": [one for one in self.rules if one.build == build],
            "suites": [one for one in self.suites if one.build == build],
            "changes": [one for one in self.changes if one.build == build],
        }
        return {name: rows for name, rows in known.items() if rows}


def code_edges(build: str, imports: reading.Imports, checkout: Path = CHECKOUT) -> list[EdgeRow]:
    """All that the build's code, or its part of the topology, says of who depends on whom."""
    found = list(reading.import_edges(build, imports))
    if build == MONOLITH:
        return found + list(reading.sql_edges(checkout))
    return found + list(reading.address_edges(load_topology(checkout / "docker-compose.yml")))


def read_code(study: Study, say: Say) -> None:
    """Raises LintError, or CalledProcessError for code that cannot be parsed."""
    say("reading the code of both builds")
    for build in BUILDS:
        imports = reading.imports_of(build)
        study.edges += code_edges(build, imports)
        study.surfaces += reading.surfaces(build, imports)
    say("breaking the rules of both builds on purpose")
    study.rules += rule_rows()


def study_changes(
    study: Study,
    requests: Sequence[Request],
    say: Say,
    servers: Servers,
    *,
    proving: int | None,
    suites: bool,
) -> None:
    """The tests of the first `proving` are run (None: of all), with `suites` those of all projects.

    Raises ChangeError or SuiteError.
    """
    with TemporaryDirectory(prefix="twinbench-changes-") as folder:
        scratch = Scratch.make(Path(folder) / "checkout")
        before = Before.of(scratch.folder, BUILDS)
        say(f"measuring how far {len(requests)} change requests reach")
        rows = [
            (request, measured(request, build, scratch, before))
            for request in requests
            for build in BUILDS
        ]
        chosen = {request.name for request in requests[:proving]}
        if not chosen and not suites:
            study.changes += [row for _, row in rows]
            return
        with servers() as variables:
            for request, row in rows:
                if request.name in chosen:
                    say(f"testing {request.name} in {row.build}")
                    row = _proved(request, row, scratch, variables)  # noqa: PLW2901
                study.changes.append(row)
            if suites:
                study.suites += _suites(scratch, variables, say)


def _proved(
    request: Request, row: ChangeRow, scratch: Scratch, servers: Mapping[str, str]
) -> ChangeRow:
    proof = proved(request.changes[row.build], scratch, servers)
    return replace(
        row,
        fails_before=proof.before.failed,
        passes_after=proof.after.passed,
        tests=proof.after.tests,
        seconds=proof.after.seconds,
    )


def _suites(scratch: Scratch, servers: Mapping[str, str], say: Say) -> list[SuiteRow]:
    """One after the other, for their time is what is asked. Raises SuiteError for one that fails:
    its time would mean nothing."""
    rows = []
    for build in BUILDS:
        for project in projects(build, scratch.folder):
            say(f"running the tests of {project}")
            found = outcome_of(scratch.folder, project, servers)
            if not found.passed:
                last = (found.output.strip().splitlines() or [""])[-1]
                raise SuiteError(f"the tests of {project} fail as it is: {last}")
            rows.append(SuiteRow(build, project, found.tests, found.seconds))
    return rows
