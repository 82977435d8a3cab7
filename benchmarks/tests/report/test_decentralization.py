"""What `decentralization` shows."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from tests.analysis.test_decentralization import write_run
from twinbench.analysis.decentralization import decentralization
from twinbench.report.decentralization import print_decentralization


def test_tables_have_pace_data_moves_and_reports(tmp_path: Path) -> None:
    console = Console(width=110, record=True, file=StringIO())
    run = write_run(tmp_path)
    print_decentralization(console, run, decentralization(run))
    text = console.export_text()
    for expected in (
        "From an edited line to its being served",
        "Capability by capability",
        "Tables that the code of one capability can read",
        "granian 1 to 2",
        "One report over all capabilities",
        "Left out by the profile: tests; a library in another version.",
    ):
        assert expected in text, expected
