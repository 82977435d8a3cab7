"""The command line as a program of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from twinbench.paths import CHECKOUT


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at its end", "at once"])
def test_it_ends_quietly_when_nobody_reads_it(unbuffered: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "twinbench", "status"],
        cwd=CHECKOUT / "benchmarks",
        env={
            **os.environ,
            "TWINBENCH_STATE": str(tmp_path / "state"),
            "PYTHONUNBUFFERED": unbuffered,
        },
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
