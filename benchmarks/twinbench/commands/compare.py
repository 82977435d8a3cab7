"""`compare RUN_A RUN_B`: what changed between two runs that are alike."""

from pathlib import Path
from typing import Annotated, Final

import typer

from twinbench.analysis.across import compare_runs
from twinbench.analysis.blocks import stages
from twinbench.analysis.slo import judge, read_slos
from twinbench.commands.showing import AsJson, Endpoints, console, print_json
from twinbench.commands.slo import exit_unless_kept
from twinbench.errors import TwinbenchError
from twinbench.report.across import print_across
from twinbench.report.slo import print_slos
from twinbench.results.store import Run

_INVALID_MEASUREMENT: Final = 3

RunA = Annotated[Path, typer.Argument(help="The folder of the run that ratios are to.")]
RunB = Annotated[Path, typer.Argument(help="The folder of the other run.")]
Slos = Annotated[Path | None, typer.Option("--slo", help="Thresholds that run B must keep.")]


def register(app: typer.Typer) -> None:
    app.command()(compare)


def compare(
    run_a: RunA,
    run_b: RunB,
    as_json: AsJson = False,
    endpoints: Endpoints = False,
    slo: Slos = None,
) -> None:
    """Compare two runs, like with like; unlike runs are refused."""
    slos = read_slos(slo) if slo else []
    a, b = Run.open(run_a), Run.open(run_b)
    for run in (a, b):
        if "trials" not in run.tables:
            kind = run.document["experiment"]
            raise TwinbenchError(f"{run.folder} is a run of {kind}, which has no trials to compare")
    across = compare_runs(a, b)
    findings = judge(slos, stages(b)) if slos else []
    if as_json:
        print_json({"a": str(a.folder), "b": str(b.folder), "across": across, "slo": findings})
    else:
        print_across(console(), across, endpoints=endpoints)
        if findings:
            print_slos(console(), findings)
    exit_unless_kept(findings)
    if not across.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)
