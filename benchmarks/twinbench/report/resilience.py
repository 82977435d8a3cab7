"""Resilience in the terminal: the matrix of each arm, how faults went, and what was promised."""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.overloads import GROWN, KEPT
from twinbench.analysis.resilience import (
    READY_S,
    RECOVERED_S,
    Cell,
    Resilience,
)
from twinbench.analysis.struck import ALL, GOOD_S
from twinbench.results.store import Run

_DASH: Final = "-"


def print_resilience(console: Console, run: Run, found: Resilience) -> None:
    seconds = run.document["configuration"]["fault_s"]
    console.print(
        f"[bold]Resilience[/bold]: of the journeys that came while a fault held ({seconds:g} s), "
        "how many succeeded;"
    )
    console.print(
        f"the share of good ones (within {GOOD_S:g} s) and p95, in times of the arm's own baseline"
    )
    for arm in found.arms:
        console.print(f"\n[bold]{arm}[/bold]")
        console.print(matrix_table(found, arm))
    _print_courses(console, found)
    _print_promises(console, found)
    _print_overloads(console, found)
    for fault, arm in found.missing:
        console.print(f"{arm}: no valid trial of {fault}", highlight=False)


def resilience_tables(found: Resilience) -> list[Table]:
    """How faults went, and what was promised and seen."""
    courses, promises = courses_table(found), promises_table(found)
    courses.title = "How each fault went, in seconds: the worst of its trials"
    promises.title = "How the contract lets the shop degrade"
    return [table for table in (courses, promises) if table.rows]


def matrix_table(found: Resilience, arm: str) -> Table:
    """Faults by journeys, of one arm."""
    cells = {(one.fault, one.journey): one for one in found.cells if one.arm == arm}
    journeys = sorted({one.journey for one in found.cells} - {ALL})
    table = Table(box=None, pad_edge=False)
    table.add_column("fault")
    for journey in (ALL, *journeys):
        table.add_column(journey, justify="right")
    for fault in found.faults:
        own = [cells.get((fault, journey)) for journey in (ALL, *journeys)]
        if any(own):
            table.add_row(fault, *map(_cell, own))
        elif (reason := found.absent[arm].get(fault)) is not None:
            table.add_row(fault, f"[dim]{reason}[/dim]")
    return table


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return _DASH
    parts = [f"{cell.success:.0%}"]
    if cell.goodput_ratio is not None:
        parts.append(f"{cell.goodput_ratio:.2f}")
    if cell.p95_ratio is not None:
        parts.append(f"{cell.p95_ratio:.1f}x")
    return " ".join(parts)


def _print_courses(console: Console, found: Resilience) -> None:
    if not found.courses:
        return
    console.print(
        "\nSeconds until a customer was told, from the fault's begin; until the last request "
        "failed\nand until all was ready, from its end. The worst of all trials.",
        highlight=False,
    )
    console.print(courses_table(found))
    kills = [one for one in found.courses if one.fault.startswith("SIGKILL")]
    late = ", ".join(f"{one.fault} in {one.arm}" for one in kills if not one.in_time)
    if kills:
        console.print(
            f"After a kill all ready within {READY_S:g} s, none failing after {RECOVERED_S:g} s: "
            + (f"[red]not so[/red] for {late}" if late else "kept"),
            highlight=False,
        )


def courses_table(found: Resilience) -> Table:
    """How each fault went in each arm, in seconds."""
    table = Table(box=None, pad_edge=False)
    for title in ("fault", "arm", "strikes", "hits", "told", "failing", "ready"):
        numeric = title in {"hits", "told", "failing", "ready"}
        table.add_column(title, justify="right" if numeric else "left")
    for one in found.courses:
        table.add_row(
            one.fault,
            one.arm,
            one.component,
            str(one.bites),
            _seconds(one.detected_s, "never"),
            _seconds(one.recovered_s, "still"),
            _seconds(one.ready_s, "never"),
        )
    return table


def promises_table(found: Resilience) -> Table:
    """What the contract promises of each fault, and what a customer saw."""
    table = Table(box=None, pad_edge=False)
    for title in ("promise", "fault", "arm", "kept", "seen"):
        table.add_column(title)
    for one in found.promises:
        kept = f"{one.kept} of {one.asked}"
        cells = (one.promise, one.fault, one.arm, kept, "; ".join(one.seen))
        table.add_row(*map(Text, cells))
    return table


def _print_promises(console: Console, found: Resilience) -> None:
    if found.promises:
        console.print("\nHow the contract lets the shop degrade")
    for one in found.promises:
        verdict = "kept" if one.kept == one.asked else f"BROKEN ({one.kept} of {one.asked} kept)"
        seen = "; ".join(one.seen)
        console.print(
            f"  {verdict}: {one.promise}, in {one.arm} under {one.fault} ({seen})",
            highlight=False,
            markup=False,
        )


def _print_overloads(console: Console, found: Resilience) -> None:
    if not found.overloads:
        return
    console.print(
        "\nThree times the most that an arm could serve, beside just that: goodput kept, of\n"
        "journeys and of requests; what became of requests that failed; memory in MB.",
        highlight=False,
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("arm")
    for title in (
        "rate", "journeys", "requests", "refused", "no Retry-After", "otherwise",
        "at first", "at most", "at last",
    ):  # fmt: skip
        table.add_column(title, justify="right")
    for one in found.overloads:
        failed = one.failed
        shares = (one.kept, one.answered, failed.refused, failed.bare, failed.otherwise)
        memory = (f"{bytes_ / 1e6:.0f}" for bytes_ in one.memory)
        table.add_row(one.arm, f"{one.rate:g}/s", *map(_share, shares), *memory)
    console.print(table)
    fell = ", ".join(one.arm for one in found.overloads if not one.withstood)
    console.print(
        f"At least {KEPT:.0%} of journeys kept, no refusal without Retry-After, memory at most "
        f"{GROWN:g} times: " + (f"[red]not so[/red] for {fell}" if fell else "kept"),
        highlight=False,
    )


def _share(share: float | None) -> str:
    return _DASH if share is None else f"{share:.0%}"


def _seconds(seconds: float | None, otherwise: str) -> str:
    return otherwise if seconds is None else f"{seconds:.1f}"
