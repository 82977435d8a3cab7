"""`locust`: an arm explored by hand, on Locust's own page."""

import os
import socket
import sys
from typing import Annotated, Final

import typer

from twinbench.commands.engines import DEFAULT, EngineOption
from twinbench.engines.choice import engine_called
from twinbench.errors import TwinbenchError
from twinbench.load.preparation import answer
from twinbench.paths import CHECKOUT
from twinbench.topology import load as load_topology

_LOOPBACK: Final = "127.0.0.1"
_PAGE_PORT: Final = 8089

Port = Annotated[int, typer.Option("--web-port", help="Of the page, on 127.0.0.1.")]


def register(app: typer.Typer) -> None:
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(locust)


def locust(
    arm: str,
    context: typer.Context,
    web_port: Port = _PAGE_PORT,
    engine: EngineOption = DEFAULT,
) -> None:
    """Explore an arm that is up on Locust's own page: the same journeys, as a closed loop.

    Other options are Locust's own: `--users 20 --spawn-rate 2 --autostart`, `--headless`, ...
    """
    arms = load_topology().arms
    if arm not in arms:
        raise TwinbenchError(f"unknown arm {arm!r}: choose from {', '.join(arms)}")
    host = engine_called(engine).gateway(arm)
    answer(host, "/categories")  # a page over an arm that does not answer would be of no use
    if "--headless" not in context.args:
        _require_free(web_port)
    script = CHECKOUT / "benchmarks" / "locustfile.py"
    where = ("--web-host", _LOOPBACK, "--web-port", str(web_port))
    # In place of this process: Ctrl-C is then Locust's to handle, and nothing is left behind it.
    command = (sys.executable, "-m", "locust", "--locustfile", str(script), "--host", host, *where)
    os.execv(sys.executable, (*command, *context.args))  # noqa: S606 - our own interpreter


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except (OSError, OverflowError) as error:
            raise TwinbenchError(
                f"{_LOOPBACK}:{port} cannot be used ({error}): choose another with --web-port"
            ) from error
