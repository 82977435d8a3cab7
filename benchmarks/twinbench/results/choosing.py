"""Which runs a results folder holds, and which of them is meant."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT
from twinbench.results.columns import SCHEMA_VERSION
from twinbench.results.journal import journal_lines
from twinbench.results.schema import IncompatibleRunError
from twinbench.results.store import Run

RESULTS: Final = CHECKOUT / "results"
SAMPLE: Final = RESULTS / "sample"

State = Literal["finished", "unfinished", "other version", "unreadable"]


class MissingRunError(TwinbenchError):
    """No run of that experiment is where it was looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A folder that looks like a run: it has a run.json. `document` is empty if unreadable."""

    folder: Path
    state: State
    document: dict[str, Any]

    @property
    def experiment(self) -> str:
        return str(self.document.get("experiment", "-"))

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def found_in(results: Path) -> list[Found]:
    """All runs in a folder, the oldest first; nothing in them is checked but that they ended."""
    folders = sorted(path.parent for path in results.glob("*/run.json"))
    return [_found(folder) for folder in folders]


def _found(folder: Path) -> Found:
    try:
        document = orjson.loads((folder / "run.json").read_bytes())
        last = journal_lines(folder)[-1]["event"]
    except (OSError, ValueError, KeyError, IncompatibleRunError):
        return Found(folder, "unreadable", {})
    if not isinstance(document, dict) or "experiment" not in document:
        return Found(folder, "unreadable", {})
    if document.get("schema_version") != SCHEMA_VERSION:
        return Found(folder, "other version", document)
    return Found(folder, "finished" if last == "finished" else "unfinished", document)


def choose(experiment: str, run: str | Path | None = None) -> Run:
    """The run that is meant: the one named, or the newest of its experiment.

    Where a run of another experiment is named, the newest one beside it; where none is named, the
    newest in results/, else in the committed sample. A relative path is one from the checkout's
    root. One that has changed since it ended is passed over unless it is named. Raises
    MissingRunError if there is none, IncompatibleRunError for one that cannot be read.
    """
    if run is not None:
        named = Run.open(CHECKOUT / run)
        if named.document["experiment"] == experiment:
            return named
    places = (RESULTS, SAMPLE) if run is None else ((CHECKOUT / run).parent,)
    for place in places:
        own = [one for one in found_in(place) if _is(one, experiment)]
        if own:
            return _last_whole(own)
    raise MissingRunError(f"no run of {experiment} here yet: ./twinbench run {experiment}")


def choose_all(run: str | Path | None = None) -> dict[str, Run]:
    """By experiment: the run named and the newest of each other one beside it.

    Where none is named, those in results/; the committed sample's if there are none. Runs of the
    two places are never mixed, for they are of two machines. One beside it that has changed since
    it ended is passed over. Raises IncompatibleRunError for one that is named and cannot be read.
    """
    if run is not None:
        named = Run.open(CHECKOUT / run)
        return _newest(named.folder.parent) | {str(named.document["experiment"]): named}
    return _newest(RESULTS) or _newest(SAMPLE)


def _newest(results: Path) -> dict[str, Run]:
    newest: dict[str, Run] = {}
    for one in reversed(found_in(results)):
        if one.state == "finished" and one.experiment not in newest:
            with suppress(IncompatibleRunError):
                newest[one.experiment] = Run.open(one.folder)
    return dict(reversed(newest.items()))


def _last_whole(own: Sequence[Found]) -> Run:
    """Raises IncompatibleRunError, about the newest, if none can be read."""
    for one in reversed(own):
        with suppress(IncompatibleRunError):
            return Run.open(one.folder)
    return Run.open(own[-1].folder)


def _is(found: Found, experiment: str) -> bool:
    return found.state == "finished" and found.experiment == experiment
