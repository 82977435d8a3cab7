"""`results`: what runs there are, what each was, and which may go."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from twinbench.commands.showing import console
from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT
from twinbench.report.provenance import facts
from twinbench.report.style import TABLE_STYLE
from twinbench.results.choosing import RESULTS, SAMPLE, Found, found_in
from twinbench.results.store import Run
from twinbench.results.thinning import thin

Place = Annotated[Path, typer.Option("--in", help="The folder that holds the runs.")]
Folder = Annotated[Path, typer.Argument(help="A run's folder.")]
Folders = Annotated[list[Path] | None, typer.Argument(help="Runs' folders.")]
Keep = Annotated[
    int | None,
    typer.Option(min=0, help="Keep so many of each experiment, the newest, go the rest."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Share = Annotated[float, typer.Option(help="Of each trial's journeys; 1 keeps all.")]
Into = Annotated[Path, typer.Option(help="Where the copies go.")]

_MB: Final = 1e6


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_runs)
    group.command()(show)
    group.command()(prune)
    group.command("thin")(thin_runs)
    app.add_typer(group, name="results", help="List, show, prune and thin runs.")


def list_runs(place: Place = RESULTS) -> None:
    """All runs, the oldest first."""
    found = found_in(place)
    if not found:
        raise TwinbenchError(f"no run in {place} yet: begin with `twinbench run latency`")
    table = Table(**TABLE_STYLE)
    for heading in ("run", "experiment", "profile", "arms", "state"):
        table.add_column(heading, overflow="fold")
    table.add_column("MB", justify="right")
    for one in found:
        configuration = one.document.get("configuration", {})
        table.add_row(
            one.folder.name,
            one.experiment,
            str(configuration.get("name", "-")),
            ", ".join(configuration.get("arms", ())),
            one.state,
            f"{one.size / _MB:.1f}",
        )
    console().print(table)


def show(folder: Folder) -> None:
    """What a run was: its settings, its machine, its versions."""
    table = Table(show_header=False, **TABLE_STYLE)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts(Run.open(folder)):
        table.add_row(name, value)
    console().print(table)


def prune(
    folders: Folders = None, keep: Keep = None, place: Place = RESULTS, yes: Yes = False
) -> None:
    """Delete the runs named, or all but the newest of each experiment."""
    if bool(folders) == (keep is not None):
        raise TwinbenchError(
            "name the runs to delete, or say how many to --keep of each experiment"
        )
    chosen = _named(folders) if folders else _surplus(found_in(place), keep or 0)
    if not chosen:
        print("nothing to delete")
        return
    for one in chosen:
        print(f"{one.folder.name}  {one.state}  {one.size / _MB:.1f} MB")
    if not yes and not typer.confirm(f"Delete these {len(chosen)}?"):
        raise typer.Exit(1)
    for one in chosen:
        shutil.rmtree(one.folder)


def _named(folders: Iterable[Path]) -> list[Found]:
    """Only what is surely a run: whatever else lies there is somebody's."""
    chosen = []
    for folder in folders:
        known = {one.folder.resolve(): one for one in found_in(folder.resolve().parent)}
        one = known.get(folder.resolve())
        if one is None or one.state == "unreadable":
            raise TwinbenchError(f"{folder} is no run: it is left alone")
        chosen.append(one)
    return chosen


def _surplus(found: Iterable[Found], keep: int) -> list[Found]:
    """What could not be read is left alone, and what is not finished may yet be resumed."""
    by_experiment: dict[str, list[Found]] = {}
    for one in found:
        if one.state in {"finished", "other version"}:
            by_experiment.setdefault(one.experiment, []).append(one)
    return [one for own in by_experiment.values() for one in own[: max(0, len(own) - keep)]]


def thin_runs(folders: Folders = None, share: Share = 1.0, into: Into = SAMPLE) -> None:
    """Copy finished runs, smaller: trials whole, requests by chance, and told so in run.json."""
    for folder in folders or ():
        made = thin(Run.open(folder), into, share=share)
        size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
        shown = made.relative_to(CHECKOUT) if made.is_relative_to(CHECKOUT) else made
        print(f"{shown}  {size / _MB:.1f} MB")
