"""Killed in its middle, a run goes on as if nothing had happened."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest

from tests.experiments.test_latency import ARMS
from tests.synthetic import provenance
from twinbench.experiments.design import randomised_blocks
from twinbench.experiments.resuming import UnlikeRunError, broken_off
from twinbench.results.journal import journal_lines
from twinbench.results.schema import IncompatibleRunError
from twinbench.results.store import Run, RunWriter

BENCHMARKS = Path(__file__).parents[2]


def start(*arguments: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.experiments.broken_run", *map(str, arguments)],
        cwd=BENCHMARKS,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS)},
    )


def trials_in(journal: Path) -> int:
    return journal.read_bytes().count(b'"event":"trial"') if journal.exists() else 0


def kill_after(trials: int, process: "subprocess.Popen[bytes]", out: Path) -> Path:
    """SIGKILL, in the middle of the trial that follows so many."""
    deadline = time.monotonic() + 60
    while True:
        journals = list(out.glob("*/journal.jsonl"))
        if journals and trials_in(journals[0]) >= trials:
            break
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    return journals[0].parent


def test_a_killed_run_goes_on_and_no_trial_is_lost_or_counted_twice(tmp_path: Path) -> None:
    folder = kill_after(3, start(tmp_path), tmp_path)
    before = [line for line in journal_lines(folder) if line["event"] == "trial"]
    assert kill_after(5, start(tmp_path, folder), tmp_path) == folder
    assert start(tmp_path, folder).wait(timeout=60) == 0
    run = Run.open(folder)
    rows = run.trials.to_pylist()
    assert [row["trial"] for row in rows] == [1, 2, 3, 4, 5, 6]
    kept = [(line["trial"], line["arm"], line["block"]) for line in before]
    assert [(row["trial"], row["arm"], row["block"]) for row in rows[: len(kept)]] == kept
    planned = randomised_blocks(arms=ARMS, rates=(20.0,), blocks=3, seed=5)
    assert [(row["block"], row["arm"], row["seed"]) for row in rows] == [
        (slot.block, slot.arm, slot.seed) for slot in planned
    ]
    assert set(Counter((row["block"], row["arm"]) for row in rows).values()) == {1}
    assert run.requests([row["trial"] for row in rows])["trial"].unique().to_pylist() == [
        row["trial"] for row in rows
    ]
    events = Counter(line["event"] for line in journal_lines(folder))
    assert events == {"started": 1, "planned": 1, "resumed": 2, "trial": 6, "finished": 1}
    assert run.document["outcome"]["seconds"]["measuring"] == pytest.approx(6 * 0.7)


def test_a_run_of_other_code_does_not_go_on(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, provenance((10.0,), 1), tables=("trials",)) as writer:
        writer.note("planned", plan=[], warmed_up={}, spent={})
    with pytest.raises(UnlikeRunError, match="cannot go on: its revision was 00000"):
        broken_off(writer.folder, "latency")
    with pytest.raises(UnlikeRunError, match="its experiment was latency, it is capacity now"):
        broken_off(writer.folder, "capacity")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, provenance((10.0,), 1), tables=("trials",)) as writer:
        pass
    with pytest.raises(IncompatibleRunError, match="has nothing to go on with"):
        broken_off(writer.folder, "latency")
    with pytest.raises(IncompatibleRunError, match="holds no run"):
        broken_off(tmp_path, "latency")
    (tmp_path / "run.json").write_bytes(orjson.dumps({"schema_version": 2, "tables": []}))
    with pytest.raises(IncompatibleRunError, match="holds no run"):
        broken_off(tmp_path, "latency")
