"""`report`: what was measured, shown again."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import orjson
import typer
from rich.console import Console

from twinbench.analysis.audits import Audits, audits
from twinbench.analysis.capacities import capacities
from twinbench.analysis.comparison import compare
from twinbench.analysis.consistency import consistency
from twinbench.analysis.deployments import deployments
from twinbench.analysis.floors import compare_floors
from twinbench.analysis.hops import hops
from twinbench.analysis.modularity import modularity
from twinbench.analysis.polyglotism import polyglotism
from twinbench.analysis.resilience import resilience
from twinbench.analysis.scaling import scaling
from twinbench.commands.capacity import exit_unless_found, print_capacities
from twinbench.commands.plainly import PLAIN
from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT
from twinbench.report.audits import print_audits
from twinbench.report.consistency import print_consistency
from twinbench.report.deployment import print_deployments
from twinbench.report.figures import draw_comparison
from twinbench.report.figures.gallery import draw_gallery
from twinbench.report.floors import print_floors
from twinbench.report.hops import print_hops
from twinbench.report.modularity import print_modularity
from twinbench.report.page import write_page
from twinbench.report.polyglotism import print_polyglotism
from twinbench.report.resilience import print_resilience
from twinbench.report.scaling import print_scaling
from twinbench.report.selfcheck import kept
from twinbench.report.sweep import FEWEST_RATES, draw_sweep
from twinbench.report.terminal import print_comparison, print_endpoints
from twinbench.results.choosing import RESULTS, choose, found_in
from twinbench.results.store import Run

T = TypeVar("T")

_WITH_A_BASE: Final = "latency"
_BREACHED: Final = 1
_INVALID_MEASUREMENT: Final = 3
_WIDTH_OF_A_FILE: Final = 100

AsJson = Annotated[bool, typer.Option("--json", help="For programs, on standard output.")]
Base = Annotated[str | None, typer.Option(help="The arm that ratios are to; the run's first.")]
Endpoints = Annotated[bool, typer.Option("--endpoints", help="Every single request, too.")]
Figures = Annotated[
    bool, typer.Option("--figures", help="Every picture as SVG and PNG, in figures/ of the run.")
]
Folder = Annotated[Path | None, typer.Argument(help="A run's folder; the last one's if left out.")]


def register(app: typer.Typer) -> None:
    app.command()(report)


def report(
    folder: Folder = None,
    *,
    as_json: AsJson = False,
    base: Base = None,
    endpoints: Endpoints = False,
    figures: Figures = False,
) -> None:
    """Show a finished run again: tables here, all of it as one page in a file."""
    run = Run.open(folder or _latest())
    if figures:
        _draw_figures(run)
        return
    show(run, as_json=as_json, base=base, endpoints=endpoints)


def show(run: Run, *, as_json: bool, base: str | None = None, endpoints: bool = False) -> None:
    """Tables, pictures, a page, and places; exits 1 if a goal is missed or an arm's books are
    wrong, 3 if nothing may be concluded."""
    if status := shown(run, as_json=as_json, base=base, endpoints=endpoints):
        raise typer.Exit(status)


def shown(run: Run, *, as_json: bool, base: str | None = None, endpoints: bool = False) -> int:
    """As `show`; the status with which it would exit."""
    status = 0
    try:
        _show(run, as_json=as_json, base=base, endpoints=endpoints)
    except typer.Exit as leaving:
        status = leaving.exit_code
    found = audits(run)
    if not as_json:
        print_audits(console(), found)
        print(f"report  {_shown(write_page(run))}")
    return _BREACHED if _tell_what_is_wrong(found) else status


def _show(run: Run, *, as_json: bool, base: str | None, endpoints: bool) -> None:
    experiment = run.document["experiment"]
    if experiment == _WITH_A_BASE:
        _show_latency(run, as_json=as_json, base=base, endpoints=endpoints)
    elif experiment in _SHOWS:
        _SHOWS[experiment](run, as_json=as_json)
    else:
        known = ", ".join([_WITH_A_BASE, *_SHOWS])
        raise TwinbenchError(f"{run.folder} is a run of {experiment!r}, which is none of {known}")


def _draw_figures(run: Run) -> None:
    drawn, absent = draw_gallery(run, run.folder / "figures")
    for path in drawn:
        print(_shown(path))
    for one in absent:
        print(f"not drawn: {one.name}: {one.reason}", file=sys.stderr)


def _show_latency(run: Run, *, as_json: bool, base: str | None, endpoints: bool) -> None:
    comparison = compare(run, base=base)
    picture = run.folder / "comparison.png"
    draw_comparison(run, comparison, [picture, picture.with_suffix(".svg")])
    pictures = [picture]
    if len(comparison.blocks) >= FEWEST_RATES:
        pictures.append(run.folder / "sweep.png")
        draw_sweep(comparison, [pictures[-1], pictures[-1].with_suffix(".svg")])
    if as_json:
        checked = kept(run.folder.parent)
        found = {"run": str(run.folder), "comparison": comparison, "selfcheck": checked}
        print_json(found | {"audits": audits(run)})
    else:
        print_comparison(console(), run, comparison)
        if endpoints:
            print_endpoints(console(), run, comparison)
        print(f"\nresults {_shown(run.folder)}\npicture {', '.join(map(_shown, pictures))}")
    if run.document["configuration"]["judged"] and not comparison.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_floors(run: Run, *, as_json: bool) -> None:
    shares = compare_floors(run)
    _print(run, "shares", shares, print_floors, as_json=as_json)
    if not all(share.reached for share in shares):
        raise typer.Exit(_BREACHED)


def _show_hops(run: Run, *, as_json: bool) -> None:
    found = hops(run)
    _print(run, "hops", found, print_hops, as_json=as_json)
    if run.document["configuration"]["judged"] and not found.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_scaling(run: Run, *, as_json: bool) -> None:
    found = scaling(run)
    _print(run, "scaling", found, print_scaling, as_json=as_json)
    if run.document["configuration"]["judged"] and not found.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_capacity(run: Run, *, as_json: bool) -> None:
    found = capacities(run)
    _print(run, "capacities", found, print_capacities, as_json=as_json)
    exit_unless_found(found)


def _show_resilience(run: Run, *, as_json: bool) -> None:
    found = resilience(run)
    _print(run, "resilience", found, print_resilience, as_json=as_json)
    if run.document["configuration"]["judged"]:
        if not found.sound:
            raise typer.Exit(_INVALID_MEASUREMENT)
        if any(one.kept < one.asked for one in found.promises):
            raise typer.Exit(_BREACHED)


def _show_consistency(run: Run, *, as_json: bool) -> None:
    found = consistency(run)
    _print(run, "consistency", found, print_consistency, as_json=as_json)
    if any(one.lost or one.doubled for one in found.effects):
        raise typer.Exit(_BREACHED)
    if run.document["configuration"]["judged"] and not found.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_deployment(run: Run, *, as_json: bool) -> None:
    found = deployments(run)
    _print(run, "deployments", found, print_deployments, as_json=as_json)
    if run.document["configuration"]["judged"] and not found.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_modularity(run: Run, *, as_json: bool) -> None:
    found = modularity(run)
    _print(run, "modularity", found, print_modularity, as_json=as_json)
    if not found.kept:
        raise typer.Exit(_BREACHED)


def _show_polyglotism(run: Run, *, as_json: bool) -> None:
    found = polyglotism(run)
    _print(run, "polyglotism", found, print_polyglotism, as_json=as_json)
    if not found.kept:
        raise typer.Exit(_BREACHED)
    if run.document["configuration"]["judged"] and not found.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _show_plainly(run: Run, *, as_json: bool) -> None:
    name = run.document["experiment"]
    analyse, draw = PLAIN[name]
    _print(run, name, analyse(run), draw, as_json=as_json)


_SHOWS: Final[dict[str, Callable[..., None]]] = {
    "floors": _show_floors,
    "hops": _show_hops,
    "capacity": _show_capacity,
    "scaling": _show_scaling,
    "deployment": _show_deployment,
    "resilience": _show_resilience,
    "consistency": _show_consistency,
    "modularity": _show_modularity,
    "polyglotism": _show_polyglotism,
    **dict.fromkeys(PLAIN, _show_plainly),
}


def _tell_what_is_wrong(found: Sequence[Audits]) -> bool:
    """In one line for each arm of which an auditor has found an invariant broken."""
    wrong = [one for one in found if one.findings]
    for one in wrong:
        trial, line = one.findings[0]
        print(
            f"twinbench: the books of {one.arm} are wrong, first after trial {trial}: {line}",
            file=sys.stderr,
        )
    return bool(wrong)


def _print(
    run: Run, name: str, found: T, draw: Callable[[Console, Run, T], None], *, as_json: bool
) -> None:
    if as_json:
        print_json({"run": str(run.folder), name: found, "audits": audits(run)})
    else:
        draw(console(), run, found)
        print(f"\nresults {_shown(run.folder)}")


def _latest() -> Path:
    """The last run; the sample's while there is none."""
    return last_run(RESULTS) if found_in(RESULTS) else choose("latency").folder


def last_run(results: Path) -> Path:
    finished = [path.parent for path in results.glob("*/journal.jsonl")]
    if not finished:
        raise TwinbenchError(f"no run in {_shown(results)} yet: begin with `twinbench run latency`")
    return max(finished, key=lambda folder: folder.name)


def console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH_OF_A_FILE)


def _shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)


def print_json(value: object) -> None:
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
