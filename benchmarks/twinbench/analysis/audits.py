"""What the auditor found in a run, of whatever experiment."""

from dataclasses import dataclass

from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Audits:
    """Of one arm: how often its books were looked at, and what was then wrong.

    `checked` is 0 where its books cannot be read; `settled_s` is the longest that it took until
    all had settled; `findings` are `(trial, line)`.
    """

    arm: str
    checked: int
    settled_s: float
    findings: tuple[tuple[int, str], ...]


def audits(run: Run) -> list[Audits]:
    """By arm, in the order of the run; none where the run has no audits."""
    if "audits" not in run.tables:
        return []
    rows = run.tables["audits"].to_pylist()
    return [
        Audits(
            arm=arm,
            checked=sum(row["checked"] for row in own),
            settled_s=max((row["settled_s"] for row in own), default=0.0),
            findings=tuple((row["trial"], line) for row in own for line in row["findings"]),
        )
        for arm in run.document["configuration"]["arms"]
        for own in [[row for row in rows if row["arm"] == arm]]
    ]
