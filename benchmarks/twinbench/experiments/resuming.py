"""Going on with a run that was broken off."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twinbench.errors import TwinbenchError
from twinbench.experiments.design import Design
from twinbench.experiments.warming import Warmth
from twinbench.paths import CHECKOUT
from twinbench.results.journal import journal_lines
from twinbench.results.provenance import git_revision, versions
from twinbench.results.rows import TrialRow
from twinbench.results.schema import IncompatibleRunError
from twinbench.results.store import RunWriter
from twinbench.topology import load as load_topology

# The journal's entry that says what the blocks are to hold.
PLANNED: Final = "planned"


class UnlikeRunError(TwinbenchError):
    """What would be measured now is not what the run has measured so far."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A run that can go on: its writer, what it has, and the seconds it has spent by purpose."""

    writer: RunWriter
    document: Mapping[str, Any]
    plan: Mapping[str, Any]
    rows: tuple[TrialRow, ...]
    spent: dict[str, float]

    @property
    def design(self) -> Design:
        rates = {float(rate): tuple(arms) for rate, arms in self.plan["plan"]}
        configuration = self.document["configuration"]
        curve = frozenset(map(float, configuration["curve"]))
        return Design(rates, self.document["seed"], curve, configuration["curve_every"])

    @property
    def able(self) -> dict[str, float]:
        """Of a search: what its arms could serve at most, as it was when the run began."""
        return dict(self.plan["able"])

    @property
    def warmth(self) -> dict[str, Warmth]:
        """How arms warmed up when the run began: fixed partitions stay what they were."""
        return {arm: Warmth(**warm) for arm, warm in self.plan["warmed_up"].items()}


def broken_off(folder: Path, experiment: str) -> Broken:
    """Raises IncompatibleRunError or UnlikeRunError; the folder is ours from now on."""
    if not any(line["event"] == PLANNED for line in journal_lines(folder)):
        raise IncompatibleRunError(f"{folder} has nothing to go on with: begin it again")
    writer = RunWriter.resume(folder)
    try:
        so_far = writer.so_far()
        _require_likeness(so_far.document, experiment)
    except TwinbenchError:
        writer.close()
        raise
    rows = tuple(
        TrialRow(**row | {"reasons": tuple(row["reasons"])}) for row in so_far.trials.to_pylist()
    )
    lines = journal_lines(folder)
    (plan,) = (line for line in lines if line["event"] == PLANNED)
    spent = [line["spent"] for line in lines if "spent" in line]
    return Broken(writer, so_far.document, plan, rows, spent[-1])


def _require_likeness(document: Mapping[str, Any], experiment: str) -> None:
    revision, _ = git_revision(CHECKOUT)
    now = {
        "experiment": experiment,
        "revision": revision,
        "topology_digest": load_topology().digest,
        "versions": versions(),
    }
    for what, value in now.items():
        if document[what] != value:
            raise UnlikeRunError(
                f"{document['run']} cannot go on: its {what.replace('_', ' ')} was "
                f"{_short(document[what])}, it is {_short(value)} now"
            )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - it fits a line
