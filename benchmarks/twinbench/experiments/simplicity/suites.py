"""How long the tests of a folder take, run as a developer would."""

import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Suite:
    """`failed` counts errors too, and what kept the tests from being run as one."""

    seconds: float
    tests: int
    failed: int


def suite_of(project: Path, variables: Mapping[str, str]) -> Suite | None:
    """Runs it with the servers that `variables` name; None where its environment cannot."""
    python = project / ".venv" / "bin" / "python"
    if not (project / ".venv" / "bin" / "pytest").exists():
        return None
    with TemporaryDirectory(prefix="twinbench-suite-") as folder:
        report = Path(folder) / "report.xml"
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        began = time.monotonic()
        status = subprocess.run(
            [*command, f"--junitxml={report}"],
            cwd=project, env={**_environment(), **variables}, check=False, capture_output=True,
        ).returncode  # fmt: skip
        seconds = time.monotonic() - began
        if not report.exists():
            return Suite(seconds, 0, 1)
        [totals] = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest wrote it
    failed = int(totals.get("failures", 0)) + int(totals.get("errors", 0))
    return Suite(seconds, int(totals.get("tests", 0)), max(failed, int(status != 0)))


def _environment() -> dict[str, str]:
    """The caller's, less what is about arms of his own and the import root of the workbench."""
    ours = {"PYTHONPATH", "TWINBENCH_STATE"}
    return {name: value for name, value in os.environ.items() if name not in ours}
