"""Running a project's own tests in a scratch checkout."""

import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from twinbench.errors import TwinbenchError

# Tests failed; collecting failed; what was named is not there, as where its module cannot be read.
_FAILED: Final = frozenset({1, 2, 4})


class SuiteError(TwinbenchError):
    """Tests could not be run, or fail on code that is as it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How tests came out, and how long they took in seconds."""

    status: int
    tests: int
    seconds: float
    output: str

    @property
    def passed(self) -> bool:
        return self.status == 0

    @property
    def failed(self) -> bool:
        return self.status in _FAILED


def outcome_of(
    folder: Path, project: str, servers: Mapping[str, str], arguments: Sequence[str] = ()
) -> Outcome:
    """All of the project's tests, or those named; `servers` are variables that they need.

    Raises SuiteError where the project has no environment for tests.
    """
    python = folder / project / ".venv" / "bin" / "python"
    if not (python.parent / "pytest").exists():
        raise SuiteError(f"{project} has no environment for its tests: run `make setup-dev`")
    began = time.monotonic()
    with TemporaryDirectory(prefix="twinbench-tests-") as place:
        report = Path(place) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        done = subprocess.run(
            [str(python), "-m", "pytest", *options, *arguments],
            cwd=folder / project, env=_environment(servers), text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        seconds = time.monotonic() - began
        return Outcome(done.returncode, _count(report), seconds, done.stdout)


def _environment(servers: Mapping[str, str]) -> dict[str, str]:
    """The caller's, less what is meant for the workbench itself."""
    own = {"PYTHONPATH", "TWINBENCH_STATE"}
    return {name: value for name, value in os.environ.items() if name not in own} | dict(servers)


def _count(report: Path) -> int:
    if not report.exists():
        return 0
    [totals] = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own runner wrote it
    return int(totals.get("tests", 0)) - int(totals.get("skipped", 0))
