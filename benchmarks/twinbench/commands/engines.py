"""The option that chooses the engine."""

from typing import Annotated

import typer

from twinbench.engines.choice import EngineName

EngineOption = Annotated[
    EngineName,
    typer.Option("--engine", help="What runs the arms: processes, or containers of Compose."),
]
EngineOfRun = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        help="What runs the arms: processes, or containers by Docker Compose. [default: process]",
    ),
]
DEFAULT = EngineName.PROCESS
