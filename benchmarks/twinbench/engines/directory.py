"""Tells components where the others are, as Docker's DNS does where they are containers."""

from collections.abc import Iterable

from twinbench.engines.unit import Unit
from twinbench.paths import StatePaths


def write_directory(paths: StatePaths, units: Iterable[Unit]) -> None:
    """Lines `name address:port` of every replica that is to serve; the file is replaced at once."""
    serving = [unit for unit in units if unit.serves]
    lines = [f"{unit.name} {address}\n" for unit in serving for address in unit.addresses]
    draft = paths.directory.with_suffix(".new")
    draft.write_text("".join(lines))
    draft.replace(paths.directory)
