import io
from pathlib import Path

import orjson
from rich.console import Console
from typer.testing import CliRunner

from tests.analysis.test_hops import traced_run
from twinbench.analysis.hops import hops
from twinbench.cli import app
from twinbench.report.hops import print_hops
from twinbench.results.store import Run


def printed(run: Run) -> str:
    output = io.StringIO()
    print_hops(Console(file=output, width=100), run, hops(run))
    return output.getvalue()


def test_the_tables_hold_what_a_reader_needs(tmp_path: Path) -> None:
    text = printed(traced_run(tmp_path))
    for wanted in (
        "What a call costs at 20 journeys per second", "8 blocks of 6 s", "CPU per call", " us (",
        "catalog products/batch", "inventory reservations", "hop p50", "covered by calls", "75%",
        "what a call costs at most", "Tracing costs time",
    ):  # fmt: skip
        assert wanted in " ".join(text.split()) or wanted in text
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text
    assert "Too few valid trials" not in text


def test_what_a_run_cannot_say_is_said(tmp_path: Path) -> None:
    text = printed(traced_run(tmp_path, arms=("microservices",), void=frozenset(range(1, 9))))
    assert "Too few valid trials" in text
    assert "CPU per call needs microservices and modulith in one run" in text


def test_a_finished_run_is_shown_again(tmp_path: Path) -> None:
    run = traced_run(tmp_path)
    shown = CliRunner().invoke(app, ("report", str(run.folder)))
    assert shown.exit_code == 0
    assert "What a call costs" in shown.stdout
    document = orjson.loads(CliRunner().invoke(app, ("report", "--json", str(run.folder))).stdout)
    assert document["hops"]["calls"][0]["p50"]["blocks"] == 8
    assert 0 < document["hops"]["cpu_per_call"]["value"] < 1


def test_a_run_without_enough_valid_trials_exits_with_3(tmp_path: Path) -> None:
    run = traced_run(tmp_path, void=frozenset(range(1, 16)))
    assert CliRunner().invoke(app, ("report", str(run.folder))).exit_code == 3
