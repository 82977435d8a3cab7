"""The command line: wiring of commands, and what their failures look like."""

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from twinbench.errors import TwinbenchError

_USAGE = 2
_INTERRUPTED = 130
# As shells tell of what SIGPIPE ends. Typer's own 1 is what a breached threshold is told by.
_UNREAD = 141

# The module of each command. Only what is called is imported: the statistics and figures that
# measuring needs take seconds to load, and `status` does without them.
COMMANDS = {
    "up": "stack",
    "down": "stack",
    "status": "stack",
    "logs": "stack",
    "doctor": "stack",
    "run": "run",
    "report": "showing",
    "results": "results",
    "compare": "compare",
    "slo": "slo",
    "selfcheck": "selfcheck",
    "locust": "locust",
    "parity": "parity",
    "sandbox": "sandbox",
}


class UnreadError(Exception):
    """Nobody reads what we say any more."""


class CommandsOnDemand(TyperGroup):
    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 -- typer's own types
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise UnreadError from error

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 -- typer's own types
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 -- likewise
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module = typer.Typer(rich_markup_mode=None)
            module.callback()(twinbench)  # so that a lone command keeps its name
            import_module(f"twinbench.commands.{COMMANDS[cmd_name]}").register(module)
            group = typer.main.get_group(module)
            self.commands.update(group.commands)
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    name="twinbench",
    cls=CommandsOnDemand,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def twinbench() -> None:
    """Runs the same shop as a monolith and as microservices, and measures them side by side."""


def main() -> None:
    """Exit codes: 0 fine, 1 a threshold is breached, 2 usage or machine, 3 invalid measurement.

    And as shells have it: 130 interrupted, 141 whoever read our output has gone.
    """
    try:
        _run()
    except TwinbenchError as error:
        print(f"twinbench: {error}", file=sys.stderr)
        sys.exit(_USAGE)
    except KeyboardInterrupt:
        print("twinbench: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except (UnreadError, BrokenPipeError):
        # What is still to be written would fail once more when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        sys.exit(_UNREAD)


def _run() -> None:
    try:
        app()
    except SystemExit:
        sys.stdout.flush()
        raise
