"""Jobs run to completion; what succeeded on the same files, settings and data is not repeated."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from twinbench.engines.state import read_json, write_json
from twinbench.topology import Component, Topology

# A commit elsewhere, tracing, or a switchboard of faults, is no reason to run jobs again on data in
# use and so to lose their snapshot: no job does anything else for it.
_NOT_INPUTS = frozenset({"REVISION", "TRACE", "FAULTS"})
_NOT_SOURCE = frozenset({"__pycache__", "node_modules", "tests", "cases"})


class Stamps:
    """What each job last succeeded on. `data` are identities of the databases it works on."""

    def __init__(self, folder: Path, topology: Topology) -> None:
        self._folder = folder
        self._topology = topology
        self._digests: dict[str, str] = {}

    def holds(self, job: Component, data: Mapping[str, str]) -> bool:
        return read_json(self._file(job)) == self._content(job, data)

    def write(self, job: Component, data: Mapping[str, str]) -> None:
        write_json(self._file(job), self._content(job, data))

    def _file(self, job: Component) -> Path:
        return self._folder / f"{job.name}.job.json"

    def _content(self, job: Component, data: Mapping[str, str]) -> dict[str, object]:
        return {"inputs": self._inputs(job), "data": dict(data)}

    def _inputs(self, job: Component) -> str:
        environment = sorted(e for e in job.environment.items() if e[0] not in _NOT_INPUTS)
        settings = [job.command, environment, job.pythonpath]
        folders = [job.project or ".", *job.pythonpath]
        content = json.dumps([settings, [self._digest(folder) for folder in folders]])
        return hashlib.sha256(content.encode()).hexdigest()

    def _digest(self, folder: str) -> str:
        if folder not in self._digests:
            digest = hashlib.sha256()
            root = self._topology.folder / folder
            for file in sorted(_sources(root)):
                digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
            self._digests[folder] = digest.hexdigest()
        return self._digests[folder]


def _sources(folder: Path) -> Iterator[Path]:
    entries: Iterable[Path] = folder.iterdir() if folder.is_dir() else ()
    for entry in entries:
        if entry.name in _NOT_SOURCE or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.suffix not in {".pyc", ".md"}:
            yield entry
