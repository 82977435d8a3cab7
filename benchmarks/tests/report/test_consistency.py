"""What `consistency` shows, and how loudly it tells of books that are wrong."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from tests.analysis.test_consistency import FINDING, write_run
from twinbench.analysis.audits import Audits
from twinbench.analysis.consistency import consistency
from twinbench.cli import app
from twinbench.report.audits import print_audits
from twinbench.report.consistency import print_consistency


def test_tables_have_windows_effects_orders_and_reads(tmp_path: Path) -> None:
    console = Console(width=110, record=True, file=StringIO())
    run = write_run(tmp_path)
    print_consistency(console, run, consistency(run))
    text = console.export_text()
    for expected in (
        "What is consistent when",
        "order: told",
        "120, 1 lost",
        "Orders that kills left pending",
        "catalog and inventory",
    ):
        assert expected in text, expected


def test_books_that_are_wrong_fail_the_run_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(write_run(tmp_path).folder)])
    assert result.exit_code == 1
    line = f"twinbench: the books of microservices are wrong, first after trial 16: {FINDING}"
    assert line in result.stderr


def test_an_arm_without_books_is_said_to_be_unaudited() -> None:
    console = Console(width=110, record=True, file=StringIO())
    print_audits(console, [Audits("mine", 0, 0.0, ()), Audits("monolith", 4, 0.3, ())])
    text = console.export_text()
    assert "mine: its books were not audited" in text
    assert "monolith: books audited after 4 trials, all in order" in text
