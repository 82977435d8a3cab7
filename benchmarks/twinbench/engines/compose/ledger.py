"""What Docker does not remember for us: kept in the state folder, forgotten by `down`."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from twinbench.engines.state import read_json, write_json
from twinbench.paths import StatePaths


@dataclass(slots=True)
class Ledger:
    """`restarts`: of replicas, those that were asked for. `held`: replicas to stay down.

    `replaced`: settings laid over the topology's. `ports`: of gateways that may have any.
    `cores`: what arms are confined to. `serving`: numbers of the replicas that gateways send
    requests to, where it is not the first alone. `sources`: folders that components' code is from.
    `block`: the addresses of the networks.
    """

    restarts: dict[str, int] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    replaced: dict[str, dict[str, str]] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    cores: dict[str, list[int]] = field(default_factory=dict)
    serving: dict[str, list[int]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    block: str = ""


class Ledgers:
    """The one ledger of a state folder."""

    def __init__(self, paths: StatePaths) -> None:
        self._folder = paths.compose

    def read(self) -> Ledger:
        return Ledger(**read_json(self._file))

    @contextmanager
    def changing(self) -> Iterator[Ledger]:
        """What the block changes is kept; nobody else changes it meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "ledger.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ledger = self.read()
            before = asdict(ledger)
            yield ledger
            if asdict(ledger) != before:
                write_json(self._file, asdict(ledger))

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self._folder / "ledger.json"


class Markers:
    """What is known of each database: that it is made, which it is, used, with a snapshot."""

    def __init__(self, paths: StatePaths) -> None:
        self._folder = paths.compose

    def of(self, name: str) -> Mapping[str, object]:
        """Empty when nothing is known."""
        return read_json(self._file(name))

    def write(self, name: str, facts: Mapping[str, object]) -> None:
        if facts != self.of(name):
            write_json(self._file(name), facts)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.database.json"
