"""Which engine runs the components: the one place that knows them all."""

from enum import StrEnum
from pathlib import Path

from twinbench.engines.compose.engine import ComposeEngine
from twinbench.engines.process import ProcessEngine
from twinbench.engines.protocol import Engine


class EngineName(StrEnum):
    PROCESS = "process"
    COMPOSE = "compose"


def engine_called(name: EngineName, *, state: Path | None = None) -> Engine:
    """On this state folder; the usual one when none is named."""
    match name:
        case EngineName.PROCESS:
            return ProcessEngine(state=state)
        case EngineName.COMPOSE:
            return ComposeEngine(state=state)
