"""The command line: wiring of commands, and what their failures look like."""

import sys

import typer

from twinbench.commands import parity, run, sandbox, showing, stack
from twinbench.errors import TwinbenchError

_USAGE = 2
_INTERRUPTED = 130

app = typer.Typer(
    name="twinbench",
    help="Runs the same shop as a monolith and as microservices, and measures them side by side.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (stack, run, showing, parity, sandbox):
    commands.register(app)


def main() -> None:
    """Exit codes: 0 fine, 1 a threshold is breached, 2 usage or machine, 3 invalid measurement."""
    try:
        app(prog_name="twinbench")
    except TwinbenchError as error:
        print(f"twinbench: {error}", file=sys.stderr)
        sys.exit(_USAGE)
    except KeyboardInterrupt:
        print("twinbench: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
