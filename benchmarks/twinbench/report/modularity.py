"""How capabilities hang together, and how far changes reach, as tables for the terminal."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.coupling import Coupling
from twinbench.analysis.modularity import Build, Modularity, Reach
from twinbench.report.style import TABLE_STYLE
from twinbench.results.modularity import SurfaceRow
from twinbench.results.store import Run

_COUPLING: Final = (
    "Used by: capabilities that depend on it; uses: those that it depends on; instability: uses / "
    "(used by + uses). In any way: imports, doors, calls, addresses, events, keys and queries."
)
_DOOR: Final = (
    "Door: names that others may use (the monolith's public.py, a service's internal operations), "
    "+ types of events that it tells. A name is a function, an operation or a type."
)
_RULES: Final = (
    "Rules held: forbidden imports planted one at a time, and those that the build's own check of "
    "its boundaries noticed."
)
_REACH: Final = (
    "Lines: added and removed, of code + tests + contracts. Beside: capabilities changed that the "
    "request is not about. Artefacts are built anew, components started anew. Contracts: "
    "operations, names and events that others were told of and that are otherwise now. In order: "
    "releases that must follow each other. Proved: here its test failed before and passed after."
)
_ABSENT: Final = (
    "Not seen: what no journey does and no import shows; meaning that two capabilities share, such "
    "as the form of an event's data; and how hard a line was to write."
)
_NONE: Final = "-"


def print_modularity(console: Console, run: Run, found: Modularity) -> None:
    traced = run.document["configuration"]["trace_s"]
    console.print()
    console.print(
        f"[bold]How capabilities hang together[/bold]  [dim](code, and {traced:g} s of all "
        "journeys, traced)[/dim]"
    )
    for table in modularity_tables(found):
        console.print()
        console.print(table)
    for note in (_COUPLING, _DOOR, _RULES, _REACH, _ABSENT):
        console.print(Text(f"- {note}"))
    for warning in _warnings(found):
        console.print(Text(f"- {warning}", style="bold red"))


def modularity_tables(found: Modularity) -> list[Table]:
    """Two of the builds; two of change requests, where there were any."""
    tables = [_couplings(found.builds), _summary(found.builds)]
    if found.reaches:
        tables += [_touches(found.reaches), _takes(found.reaches)]
    return tables


def _couplings(builds: Sequence[Build]) -> Table:
    table = Table(title="Coupling of capabilities", **TABLE_STYLE)
    for heading in ("capability", "build"):
        table.add_column(heading, no_wrap=True)
    for heading in ("used by", "uses", "instability", "door"):
        table.add_column(heading, justify="right")
    for number, surface in enumerate(builds[0].surfaces):
        for line, build in enumerate(builds):
            cells = _figures(build.couplings[number], build.surfaces[number])
            table.add_row("" if line else surface.capability, build.name, *cells)
        table.add_section()
    return table


def _figures(coupling: Coupling, surface: SurfaceRow) -> tuple[str, str, str, str]:
    instability = coupling.instability
    events = f" + {len(surface.events)}" if surface.events else ""
    return (
        f"{coupling.afferent}",
        f"{coupling.efferent}",
        _NONE if instability is None else f"{instability:.2f}",
        f"{len(surface.door)}{events}",
    )


def _summary(builds: Sequence[Build]) -> Table:
    table = Table(title="The builds as wholes", **TABLE_STYLE)
    table.add_column("", no_wrap=True)
    for build in builds:
        table.add_column(build.name, overflow="fold")
    rows = {
        "pairs that depend": [f"{build.pairs}" for build in builds],
        "ways": [", ".join(f"{n} {kind}" for kind, n in build.kinds.items()) for build in builds],
        "cycles, somebody waits": [_groups(build.cycles_waiting) for build in builds],
        "cycles with events": [_groups(build.cycles) for build in builds],
        "undeclared": [f"{len(build.breaches)}" for build in builds],
        "rules held": [_held(build) for build in builds],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def _groups(groups: Iterable[Sequence[str]]) -> str:
    return "; ".join(", ".join(group) for group in groups) or "none"


def _held(build: Build) -> str:
    if build.held is None:
        return _NONE
    kinds = ", ".join(f"{one.rule} {one.noticed} of {one.planted}" for one in build.rules)
    return f"{build.held:.0%} ({kinds})"


def _touches(reaches: Sequence[Reach]) -> Table:
    table = Table(title="Change requests: what each touches", **TABLE_STYLE)
    _name_columns(table)
    for heading in ("files", "lines"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("capabilities", "beside"):
        table.add_column(heading, overflow="fold")
    for title, one in _lines(reaches):
        table.add_row(
            title,
            one.build,
            f"{one.files}",
            f"{one.code_lines} + {one.test_lines} + {one.contract_lines}",
            ", ".join(one.capabilities) or _NONE,
            ", ".join(one.beside) or _NONE,
        )
    return table


def _takes(reaches: Sequence[Reach]) -> Table:
    table = Table(title="Change requests: what each takes to bring out", **TABLE_STYLE)
    _name_columns(table)
    for heading in ("artefacts", "components", "contracts", "in order", "tests", "proved"):
        table.add_column(heading, justify="right")
    for title, one in _lines(reaches):
        table.add_row(
            title,
            one.build,
            f"{len(one.artefacts)}",
            f"{len(one.components)}",
            f"{len(one.contracts)}",
            f"{len(one.releases)}" if one.releases else _NONE,
            _tests(one),
            {True: "yes", False: "no", None: _NONE}[one.proved],
        )
    return table


def _name_columns(table: Table) -> None:
    table.add_column("request", overflow="fold")
    table.add_column("build", no_wrap=True)


def _lines(reaches: Sequence[Reach]) -> Iterator[tuple[str, Reach]]:
    """The title on the first line of its request alone."""
    for _, own in groupby(reaches, key=lambda one: one.request):
        for line, one in enumerate(own):
            yield "" if line else one.title, one


def _tests(one: Reach) -> str:
    if one.suite_tests is None or one.suite_seconds is None:
        return "1 suite" if len(one.suites) == 1 else f"{len(one.suites)} suites"
    return f"{one.suite_tests} in {one.suite_seconds:.0f} s"


def _warnings(found: Modularity) -> list[str]:
    undeclared = [
        f"{build.name}: {one.source} depends on {one.target} by {one.kind}, which nobody has "
        f"declared: {one.detail}"
        for build in found.builds
        for one in build.breaches
    ]
    return undeclared + [
        f"{one.request} in {one.build}: its test does not fail before and pass after."
        for one in found.reaches
        if one.proved is False
    ]
