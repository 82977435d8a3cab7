"""What `modularity` shows of a run whose truth is known, and what makes it fail."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from typer.testing import CliRunner

from tests.synthetic import provenance
from twinbench.analysis.modularity import modularity
from twinbench.cli import app
from twinbench.experiments.modularity.experiment import TABLES
from twinbench.report.modularity import print_modularity
from twinbench.results.modularity import ChangeRow, EdgeRow, RuleRow, SuiteRow, SurfaceRow
from twinbench.results.rows import AuditRow
from twinbench.results.store import Run, RunWriter

BUILDS = ("monolith", "microservices")


def write_run(
    root: Path,
    *,
    declared: bool = True,
    passes: bool | None = True,
    requests: int = 1,
    beyond: Collection[str] = BUILDS,
    tangled: Collection[str] = (),
) -> Run:
    """So many change requests, which in the builds `beyond` change what they are not about; those
    that are `tangled` have one more pair that depends."""
    origin = provenance((), 1, BUILDS)
    configuration = origin.configuration | {"trace_s": 4.0}
    origin = replace(origin, experiment="modularity", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=TABLES)
    for number, build in enumerate(BUILDS, start=1):
        rows = rows_of(number, build, declared=declared, passes=passes)
        [change] = rows["changes"]
        own = ("cart", "orders") if build in beyond else ("cart",)
        rows["changes"] = [
            replace(change, request=f"{place:02}-gift", capabilities=own)
            for place in range(1, requests + 1)
        ]
        if build in tangled:
            edge = EdgeRow(build, "orders", "orders-archive", "query", "x", declared=True)
            rows["edges"] = [*rows["edges"], edge]
        writer.add_trial(number, rows)
    writer.finish()
    return Run.open(writer.folder)


def rows_of(
    number: int, build: str, *, declared: bool, passes: bool | None
) -> dict[str, Sequence[Any]]:
    project = "monolith" if build == "monolith" else "microservices/cart"
    change = ChangeRow(
        request="01-gift", title="Wrap a gift", build=build, files=3, code_lines=20, test_lines=9,
        contract_lines=4, other_lines=0, meant=("cart",), capabilities=("cart", "orders"),
        artefacts=(project,),
        components=("cart",), contracts=("cart: snapshot",), releases=("cart", "orders"),
        suites=(project,), fails_before=None if passes is None else True, passes_after=passes,
        tests=1, seconds=1.5,
    )  # fmt: skip
    return {
        "edges": [
            EdgeRow(build, "orders", "cart", "public", "a -> b", declared=True),
            EdgeRow(build, "cart", "orders", "event", "order.placed", declared=declared),
        ],
        "surfaces": [
            SurfaceRow(build, "cart", 12, door=("snapshot",), events=()),
            SurfaceRow(build, "orders", 15, door=(), events=("order.placed",)),
        ],
        "rules": [
            RuleRow(build, "cart", "door", planted=3, noticed=3),
            RuleRow(build, "orders", "domain", planted=1, noticed=0),
        ],
        "suites": [SuiteRow(build, project, tests=30, seconds=12.0)],
        "changes": [change],
        "audits": [AuditRow(number, build, checked=True, orders=9, settled_s=0.1, findings=())],
    }


def test_a_run_by_hand(tmp_path: Path) -> None:
    found = modularity(write_run(tmp_path))
    monolith = found.builds[0]
    assert [(one.part, one.afferent, one.efferent) for one in monolith.couplings] == [
        ("cart", 1, 1),
        ("orders", 1, 1),
    ]
    assert (monolith.pairs, monolith.kinds) == (2, {"event": 1, "public": 1})
    assert (monolith.cycles_waiting, monolith.cycles) == ((), (("cart", "orders"),))
    assert monolith.held == 0.75
    assert [one.build for one in found.reaches] == list(BUILDS)
    assert found.reaches[0].beside == ("orders",)
    assert (found.reaches[0].suite_tests, found.reaches[0].suite_seconds) == (30, 12.0)
    assert found.kept


def test_tables_have_coupling_wholes_and_requests(tmp_path: Path) -> None:
    console = Console(width=100, record=True, file=StringIO())
    run = write_run(tmp_path)
    print_modularity(console, run, modularity(run))
    text = console.export_text()
    for expected in (
        "How capabilities hang together",
        "cart, orders",
        "75% (door 3 of 3, domain 0 of 1)",
        "Wrap a gift",
        "20 + 9 + 4",
        "30 in 12 s",
    ):
        assert expected in text, expected


def test_what_is_undeclared_or_not_proved_is_not_kept(tmp_path: Path) -> None:
    assert modularity(write_run(tmp_path / "untried", passes=None)).kept
    assert not modularity(write_run(tmp_path / "unproved", passes=False)).kept


def test_what_is_undeclared_fails_the_run(tmp_path: Path) -> None:
    run = write_run(tmp_path, declared=False)
    result = CliRunner().invoke(app, ["report", "--json", str(run.folder)])
    assert result.exit_code == 1
    console = Console(width=100, record=True, file=StringIO())
    print_modularity(console, run, modularity(run))
    said = " ".join(console.export_text().split())
    assert "cart depends on orders by event, which nobody has declared" in said
