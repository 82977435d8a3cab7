"""Which dataset each arm holds."""

from collections.abc import Sequence
from pathlib import Path

from twinbench.engines.protocol import EngineError
from twinbench.engines.state import read_json, write_json

_DEFAULT = "small"


class Sizes:
    """`folder`: where the engine keeps what it knows of its data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def agreed(self, arms: Sequence[str], asked: str | None) -> str:
        """What was asked for, else what all the arms hold."""
        held = {arm: size for arm in arms if (size := self.of(arm))}
        if asked is None and len(set(held.values())) > 1:
            told = ", ".join(f"{arm} holds {size}" for arm, size in held.items())
            raise EngineError(f"the arms hold unlike datasets ({told}): say which with --size")
        return asked or next(iter(held.values()), _DEFAULT)

    def of(self, arm: str) -> str | None:
        value = read_json(self._folder / f"{arm}.arm.json").get("size")
        return None if value is None else str(value)

    def record(self, arm: str, size: str) -> None:
        write_json(self._folder / f"{arm}.arm.json", {"size": size})
