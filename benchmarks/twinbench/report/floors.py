"""Shares of the floors as a table for the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.floors import Share
from twinbench.analysis.ratios import Estimate
from twinbench.report.style import TABLE_STYLE
from twinbench.results.store import Run

_FLOOR = (
    "Floor: a bare view of the arm's framework with one hand-written query and the same answer "
    "(benchmarks/floors), on the same core, behind the same gateway, over the same database."
)
_SHARE = (
    "Share of CPU: the floor's CPU per request as a share of the arm's, gateway and database "
    "counted in both; share of req/s: the arm's throughput with a full core as a share of the "
    "floor's. 100 % would be as good as the bare framework; the rest is what the application adds."
)
_COMPOSED = "The microservices' product page asks a second service for stock; its floor does not."


def print_floors(console: Console, run: Run, shares: Sequence[Share]) -> None:
    configuration = run.document["configuration"]
    table = Table(
        title=f"Each arm as a share of its framework's best  "
        f"[dim]({configuration['blocks']} blocks)[/dim]",
        **TABLE_STYLE,
    )
    table.add_column("arm", no_wrap=True)
    table.add_column("page")
    for heading in ("CPU-ms floor", "arm", "share of CPU", "req/s floor", "arm", "share", "goal"):
        table.add_column(heading, justify="right")
    for share in shares:
        table.add_row(
            share.arm,
            share.page,
            f"{share.floor_cpu_ms:.2f}",
            f"{share.arm_cpu_ms:.2f}",
            Text(_with_interval(share.cpu_share), style="green" if share.reached else "bold red"),
            f"{share.floor_rate:,.0f}",
            f"{share.arm_rate:,.0f}",
            f"{share.throughput_share.ratio:.0%}",
            f"{share.goal:.0%}",
        )
    console.print()
    console.print(table)
    for note in (_FLOOR, _SHARE, _COMPOSED):
        console.print(Text(f"- {note}"))


def _with_interval(share: Estimate) -> str:
    return f"{share.ratio:.0%} ({share.low:.0%}-{share.high:.0%})"
