"""What deployments did to customers, and what that means for many teams, as tables."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.deployment_queue import POLICIES, Durations, Policy, a_day
from twinbench.analysis.deployments import Deployed, Deployments
from twinbench.analysis.team_lines import ONE_LINE
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import span
from twinbench.results.store import Run

_TITLES: Final = {
    "code": "A change of code",
    "schema": "A change of the schema: expand, fill, replace, contract",
    "broken": "A version that does not start",
}
_MOST_NAMED: Final = 4
_TEAMS: Final = (1, 5, 20, 100)
_CHANGES_EACH: Final = (1, 10)
_PIPELINES_S: Final = (0.0, 600.0)

_SLOWED: Final = (
    "Slowed: journeys begun meanwhile that took more than twice what 95 % of their kind took "
    "before; in brackets the same share before."
)
_BLAST: Final = (
    "Blast radius: share of the API's operations in which errors appeared or waits moved "
    "(rank sums, Holm, 5 %). Few requests of a kind hide what a longer trial would show."
)
_MIXED: Final = (
    "Mixed: how long old and new answered side by side; every answer of a prober, ten a second, "
    "is checked by the contract as a reader of before must read it."
)
_BYTES: Final = "Packed: the code of what must be built anew, without libraries."
_LINES: Final = (
    "Lines: changes arrive at random over a working day of eight hours. A monolith has one line "
    "for all teams, services a line for each; 'together' sends all that wait in one deployment."
)
_ABSENT: Final = (
    "Not seen: people. Reviews, approvals and fear of deploying decide more than seconds do. Nor a "
    "version that starts but is wrong: only its users would notice."
)


def print_deployments(console: Console, run: Run, found: Deployments) -> None:
    rates = ", ".join(f"{arm} {rate:g}" for arm, rate in found.rates.items())
    console.print()
    console.print(f"[bold]Deployments under load[/bold]  [dim](journeys per second: {rates})[/dim]")
    for table in deployment_tables(found):
        console.print()
        console.print(table)
    for note in (_SLOWED, _BLAST, _MIXED, _BYTES, _LINES, _ABSENT):
        console.print(Text(f"- {note}"))
    for warning in _warnings(run, found):
        console.print(Text(f"- {warning}", style="bold red"))


def deployment_tables(found: Deployments) -> list[Table]:
    """Two for each thing that is changed, and one of the lines that many teams stand in."""
    tables = []
    for flavour, kinds in groupby(found.kinds, key=lambda one: one.flavour):
        own = list(kinds)
        tables += [_noticed(_TITLES[flavour], own), _took(f"{_TITLES[flavour]}: how it went", own)]
    return [*tables, _lines(found)] if found.busy_s else tables


def _noticed(title: str, kinds: Sequence[Deployed]) -> Table:
    table = Table(title=title, **TABLE_STYLE)
    for heading in ("strategy", "arm"):
        table.add_column(heading, no_wrap=True)
    for heading in ("failed requests", "failed journeys", "slowed", "blast radius"):
        table.add_column(heading, justify="right")
    table.add_column("moved", overflow="fold")
    for one in kinds:
        table.add_row(
            _strategy(one),
            one.arm,
            f"{one.failed_requests} of {one.requests}",
            f"{one.failed_journeys} of {one.journeys}",
            f"{one.slowed:.0%} ({one.slowed_before:.0%})",
            f"{one.blast_radius:.0%}",
            _moved(one),
        )
    return table


def _took(title: str, kinds: Sequence[Deployed]) -> Table:
    table = Table(title=title, **TABLE_STYLE)
    for heading in ("strategy", "arm"):
        table.add_column(heading, no_wrap=True)
    for heading in ("outcome", "serving s", "whole s", "processes", "artefacts", "packed", "mixed"):
        table.add_column(heading, justify="right")
    for one in kinds:
        table.add_row(
            _strategy(one),
            one.arm,
            _outcome(one),
            f"{one.serving_s:.1f}",
            f"{one.whole_s:.1f}",
            f"{one.processes}",
            f"{one.artefacts}",
            f"{one.artefact_bytes / 1000:.0f} kB",
            f"{one.mixed_s:.1f} s",
        )
    return table


def _moved(one: Deployed) -> str:
    if len(one.moved) > _MOST_NAMED:
        return f"{len(one.moved)} of {one.operations}"
    return ", ".join(one.moved) or "-"


def _strategy(one: Deployed) -> str:
    return one.strategy if one.replicas == 1 else f"{one.strategy}, {one.replicas} replicas"


def _outcome(one: Deployed) -> str:
    deployed = one.count - one.rolled_back - one.failed_to_deploy
    parts = {
        "deployed": deployed,
        "rolled back": one.rolled_back,
        "failed": one.failed_to_deploy,
    }
    return ", ".join(f"{count} {what}" for what, count in parts.items() if count)


def _lines(found: Deployments) -> Table:
    """Mean wait of a change, and collisions a day."""
    table = Table(title="With many teams: mean wait of a change, collisions a day", **TABLE_STYLE)
    for heading in ("teams", "changes each"):
        table.add_column(heading, justify="right")
    table.add_column("policy", no_wrap=True)
    arms = list(found.busy_s)
    columns = [(arm, pipeline_s) for pipeline_s in _PIPELINES_S for arm in arms]
    for arm, pipeline_s in columns:
        also = f"\n+{pipeline_s / 60:.0f} min pipeline" if pipeline_s else ""
        table.add_column(f"{arm}{also}", justify="right")
    for teams in _TEAMS:
        for each in _CHANGES_EACH:
            for policy in POLICIES:
                cells = [
                    _day(
                        teams=teams,
                        changes_each=each,
                        durations=Durations.of(found.busy_s[arm], pipeline_s=more),
                        lines=1 if arm in ONE_LINE else teams,
                        policy=policy,
                    )
                    for arm, more in columns
                ]
                table.add_row(f"{teams}", f"{each}", policy, *cells)
        table.add_section()
    return table


def _day(
    *, teams: int, changes_each: float, durations: Durations, lines: int, policy: Policy
) -> str:
    day = a_day(
        teams=teams, changes_each=changes_each, durations=durations, lines=lines, policy=policy
    )
    return f"{span(day.wait_s)}, {day.collisions:.1f}"


def _warnings(run: Run, found: Deployments) -> list[str]:
    warnings = []
    if not found.sound:
        warnings.append("Too few valid trials: run again on a quieter machine.")
    for one in found.kinds:
        if one.failed_to_deploy:
            warnings.append(f"{one.arm}: {one.failed_to_deploy} of {one.flavour} did not deploy.")
        if one.breaches:
            warnings.append(
                f"{one.arm}, {one.flavour} by {one.strategy}: {one.breaches} answers were not as "
                "the contract says."
            )
    warnings += [
        f"{row['arm']}, trial {row['trial']}: /version tells the same before and after."
        for row in run.tables["deployments"].to_pylist()
        if row["outcome"] == "deployed" and row["version_before"] == row["version_after"]
    ]
    ends = {
        row["trial"]: (row["warmup_s"] + row["measure_s"]) * 1e9 for row in run.trials.to_pylist()
    }
    warnings += [
        f"{row['arm']}, trial {row['trial']}: the deployment took longer than its trial."
        for row in run.tables["deployments"].to_pylist()
        if row["ended_ns"] > ends[row["trial"]]
    ]
    warnings += [
        f"{row['arm']}, trial {row['trial']}: {'; '.join(row['reasons'])}."
        for row in run.trials.to_pylist()
        if not row["valid"]
    ]
    return warnings
