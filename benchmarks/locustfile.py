"""The shop's journeys for Locust's own page: `locust -f locustfile.py --host http://host:port`.

`./twinbench locust monolith` opens it for an arm that is up. For exploring: a closed loop slows
down with the server it measures, so its latencies hide stalls. `twinbench run latency` measures
with the same journeys and open arrivals.

Add `--workload FILE` for another mix than that of twinbench/load/workload.toml.
"""

import signal
from collections import deque
from pathlib import Path

import gevent
from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.exception import StopTest

from twinbench.errors import TwinbenchError
from twinbench.load.clock import PreciseClock
from twinbench.load.journeys import JOURNEYS, Account, Browse, Buy, Operate, Recommend
from twinbench.load.popularity import ZipfSampler
from twinbench.load.preparation import prepare_shop, read_range
from twinbench.load.recorder import Recorder
from twinbench.load.users import Stage, StagedEnvironment
from twinbench.load.workload import Workload, default_workload, read_workload

__all__ = ["Account", "Browse", "Buy", "Operate", "Recommend"]

for name, weight in default_workload().mix.items():
    JOURNEYS[name].weight = weight


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--workload", default="", help="TOML file: mix, popularity and pauses.")


@events.init.add_listener
def choose(environment: StagedEnvironment, **_: object) -> None:
    """Set the mix, and tell at once of a shop that does not answer."""
    try:
        mix = chosen(environment).mix
        for name, user_class in JOURNEYS.items():
            user_class.weight = mix.get(name, 0)
        environment.user_classes = [one for one in environment.user_classes if one.weight]
        if environment.host:
            read_range(environment.host)
    except (TwinbenchError, ValueError) as error:
        raise SystemExit(f"twinbench: {error}") from error


@events.init.add_listener
def end_on_ctrl_c(**_: object) -> None:
    """By way of the main greenlet: anywhere else Ctrl-C would leave a traceback."""
    hub = gevent.get_hub()
    gevent.signal_handler(
        signal.SIGINT, hub.handle_system_error, KeyboardInterrupt, KeyboardInterrupt()
    )


@events.test_start.add_listener
def prepare(environment: StagedEnvironment, **_: object) -> None:
    """Sign customers in; every worker of a distributed run does so for itself."""
    workload = chosen(environment)
    host = (environment.host or "").rstrip("/")
    try:
        shop = prepare_shop(host, read_range(host), customers=workload.customers)
    except (TwinbenchError, ValueError) as error:
        raise StopTest(str(error)) from error
    environment.stage = Stage(
        shop=shop,
        ranks=ZipfSampler(len(shop.products), workload.zipf),
        think_s=workload.think_s,
        clock=PreciseClock(),
        recorder=Recorder(rows=deque(maxlen=0)),
    )


def chosen(environment: StagedEnvironment) -> Workload:
    options = environment.parsed_options
    path = options.workload if options is not None else ""
    return read_workload(Path(path)) if path else default_workload()
