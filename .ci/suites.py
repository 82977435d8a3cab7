"""Runs the test suites of every project and closes with one line that counts them all.

`python .ci/suites.py [NAME...]`: all suites, or those named. Each runs in its own environment;
those that need a database or a cache get new, embedded ones, so that nothing outside is touched.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVICES = sorted(path.parent.name for path in ROOT.glob("microservices/*/pyproject.toml"))


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests of one project. A sandbox is a PostgreSQL and a Valkey that end with the suite."""

    name: str
    project: str
    sandbox: bool = True


SUITES = (
    Suite("acquirer", "acquirer", sandbox=False),
    Suite("contract", "contract"),
    Suite("monolith", "monolith"),
    *(Suite(name, f"microservices/{name}") for name in SERVICES),
    Suite("benchmarks", "benchmarks", sandbox=False),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts of one suite; `broken` when its runner failed without a failing test."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    broken: bool


def run(suite: Suite, report: Path) -> Outcome:
    pytest = [".venv/bin/python", "-m", "pytest", "--quiet", f"--junitxml={report}"]
    sandbox = [str(ROOT / "twinbench"), "sandbox", "--"] if suite.sandbox else []
    # Whoever runs the tests may have arms of his own up: no setting of theirs reaches the tests.
    environment = {name: value for name, value in os.environ.items() if name != "TWINBENCH_STATE"}
    started = time.monotonic()
    status = subprocess.run(
        [*sandbox, *pytest], cwd=ROOT / suite.project, env=environment, check=False
    ).returncode
    seconds = time.monotonic() - started
    if not report.exists():
        return Outcome(0, 0, 0, seconds, broken=True)
    [totals] = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own runner wrote it
    failed = int(totals.get("failures", 0)) + int(totals.get("errors", 0))
    skipped = int(totals.get("skipped", 0))
    passed = int(totals.get("tests", 0)) - failed - skipped
    return Outcome(passed, failed, skipped, seconds, broken=status != 0 and failed == 0)


def main() -> int:
    names = sys.argv[1:]
    unknown = set(names) - {suite.name for suite in SUITES}
    if unknown:
        known = ", ".join(suite.name for suite in SUITES)
        print(f"no such suite: {', '.join(sorted(unknown))}; choose from {known}", file=sys.stderr)
        return 2
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as folder:
        for suite in SUITES:
            if not names or suite.name in names:
                print(f"\n== {suite.name}", flush=True)
                outcomes[suite.name] = run(suite, Path(folder) / f"{suite.name}.xml")
    print()
    for name, outcome in outcomes.items():
        state = "BROKEN" if outcome.broken else "FAILED" if outcome.failed else "passed"
        print(f"{state} {outcome.seconds:6.1f} s {outcome.passed:5d}  {name}")
    passed = sum(outcome.passed for outcome in outcomes.values())
    failed = sum(max(outcome.failed, outcome.broken) for outcome in outcomes.values())
    skipped = sum(outcome.skipped for outcome in outcomes.values())
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
