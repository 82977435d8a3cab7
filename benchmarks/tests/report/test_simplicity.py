"""What `simplicity` shows."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from tests.analysis.test_simplicity import ARMS, write_run
from twinbench.analysis.simplicity import simplicity
from twinbench.cli import app
from twinbench.report.simplicity import print_simplicity


def test_tables_have_figures_and_the_price_of_splits(tmp_path: Path) -> None:
    console = Console(width=100, record=True, file=StringIO())
    run = write_run(tmp_path)
    print_simplicity(console, run, simplicity(run))
    text = console.export_text()
    for expected in (
        "What it takes to have each arm",
        "asked for by name",
        "1,508",
        "The price of each further split",
        "modulith: 1  groups: 3  microservices: 8",
        "3 to 8, each",
        "Not seen in this run:",
    ):
        assert expected in text, expected
    # No name is cut, however many arms there are.
    assert ["figure", "part", *ARMS] in [line.split() for line in text.splitlines()]


def test_a_run_is_shown_again_for_programs(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(write_run(tmp_path).folder), "--json"])
    assert result.exit_code == 0, result.output
    assert '"simplicity"' in result.stdout
