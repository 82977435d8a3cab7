"""`slo FILE [RUN]`: judges a finished run by declared thresholds."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from twinbench.analysis.blocks import stages
from twinbench.analysis.slo import Finding, judge, read_slos
from twinbench.commands.showing import AsJson, Folder, console, last_run, print_json
from twinbench.paths import CHECKOUT
from twinbench.report.slo import print_slos
from twinbench.results.store import Run

_BREACHED: Final = 1
_INVALID_MEASUREMENT: Final = 3

Thresholds = Annotated[Path, typer.Argument(help="TOML with tables [[slo]].")]


def register(app: typer.Typer) -> None:
    app.command()(slo)


def slo(thresholds: Thresholds, folder: Folder = None, as_json: AsJson = False) -> None:
    """Judge a finished run by thresholds; exits 1 if one is breached."""
    slos = read_slos(thresholds)
    run = Run.open(folder or last_run(CHECKOUT / "results"))
    findings = judge(slos, stages(run))
    if as_json:
        print_json({"run": str(run.folder), "thresholds": findings})
    else:
        print_slos(console(), findings)
    exit_unless_kept(findings)


def exit_unless_kept(findings: Sequence[Finding]) -> None:
    """Exits 1 if any threshold is breached, 3 if none is but one cannot be judged."""
    outcomes = {finding.outcome for finding in findings}
    if "breached" in outcomes:
        raise typer.Exit(_BREACHED)
    if "unknown" in outcomes:
        print("twinbench: too few samples to judge every threshold", file=sys.stderr)
        raise typer.Exit(_INVALID_MEASUREMENT)
