"""Runs the test suites of every project and closes with one line that counts them all.

`python .ci/suites.py [NAME...]`: all suites, or those named. Each runs in its own environment.
Those that need a database or a cache share new, embedded ones, so that nothing outside is touched.
Several run at a time, as most wait most of the time; those that judge by the clock run alone.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
SERVICES = sorted(path.parent.name for path in ROOT.glob("microservices/*/pyproject.toml"))
SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
BESIDE_SERVERS = "--beside-servers"
AT_ONCE = 1 + len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests of one project. `alone`: it judges by the clock, so nothing may run beside it."""

    name: str
    project: str
    arguments: tuple[str, ...] = ()
    servers: bool = True
    alone: bool = False


def workbench(name: str, *arguments: str, alone: bool = False) -> Suite:
    return Suite(name, "benchmarks", arguments, servers=False, alone=alone)


# What is named here is left out of `benchmarks`, which is all the rest.
TRUTH = tuple(f"tests/load/test_{name}.py" for name in ("truth", "saturation", "ceiling"))
APART = (*TRUTH, "tests/kills", "tests/engine", "tests/load", "tests/experiments")
# The longest first, so that none is left to run by itself at the end.
SUITES = (
    workbench("kills", "tests/kills"),
    workbench("engine", "tests/engine"),
    workbench("load", "tests/load", "tests/experiments", *(f"--ignore={file}" for file in TRUTH)),
    workbench("benchmarks", *(f"--ignore={path}" for path in APART)),
    Suite("monolith", "monolith"),
    Suite("contract", "contract"),
    *(Suite(name, f"microservices/{name}") for name in SERVICES),
    Suite("acquirer", "acquirer", servers=False),
    workbench("truth", *TRUTH, alone=True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts of one suite; `broken` when its runner failed without a failing test."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    broken: bool


def run(suite: Suite, folder: Path) -> Outcome:
    """Writes what it says to NAME.log in this folder."""
    report = folder / f"{suite.name}.xml"
    command = [".venv/bin/python", "-m", "pytest", "--quiet", f"--junitxml={report}"]
    # Whoever runs the tests may have arms of his own up: no setting of theirs reaches the tests.
    foreign = {"TWINBENCH_STATE"} if suite.servers else {"TWINBENCH_STATE", *SERVERS}
    started = time.monotonic()
    with (folder / f"{suite.name}.log").open("wb") as log:
        status = subprocess.run(
            [*command, *suite.arguments],
            cwd=ROOT / suite.project, stdout=log, stderr=subprocess.STDOUT, check=False,
            env={name: value for name, value in os.environ.items() if name not in foreign},
        ).returncode  # fmt: skip
    seconds = time.monotonic() - started
    if not report.exists():
        return Outcome(0, 0, 0, seconds, broken=True)
    [totals] = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own runner wrote it
    failed = int(totals.get("failures", 0)) + int(totals.get("errors", 0))
    skipped = int(totals.get("skipped", 0))
    passed = int(totals.get("tests", 0)) - failed - skipped
    return Outcome(passed, failed, skipped, seconds, broken=status != 0 and failed == 0)


def run_all(suites: list[Suite], folder: Path) -> Iterator[tuple[Suite, Outcome]]:
    """As they end: what each has said is whole by then."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {pool.submit(run, suite, folder): suite for suite in suites if not suite.alone}
        for ended in as_completed(runs):
            yield runs[ended], ended.result()
    for suite in suites:
        if suite.alone:
            yield suite, run(suite, folder)


def main() -> int:
    names = [name for name in sys.argv[1:] if name != BESIDE_SERVERS]
    unknown = set(names) - {suite.name for suite in SUITES}
    if unknown:
        known = ", ".join(suite.name for suite in SUITES)
        print(f"no such suite: {', '.join(sorted(unknown))}; choose from {known}", file=sys.stderr)
        return 2
    suites = [suite for suite in SUITES if not names or suite.name in names]
    if BESIDE_SERVERS not in sys.argv and any(suite.servers for suite in suites):
        # Once more, beside servers that end with us.
        again = [sys.executable, __file__, BESIDE_SERVERS, *names]
        os.execv(ROOT / "twinbench", ["twinbench", "sandbox", "--", *again])  # noqa: S606
    outcomes: dict[str, Outcome] = {}
    with TemporaryDirectory() as folder:
        for suite, outcome in run_all(suites, Path(folder)):
            print(f"\n== {suite.name}")
            print((Path(folder) / f"{suite.name}.log").read_text(errors="replace"), flush=True)
            outcomes[suite.name] = outcome
    return summary(outcomes)


def summary(outcomes: dict[str, Outcome]) -> int:
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
