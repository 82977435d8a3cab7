"""The shop's journeys for Locust's own page or its distributed mode, as a closed loop.

`./twinbench locust monolith` opens it for an arm that is up. For exploring: a closed loop slows
down with the server it measures, so its latencies hide stalls. `twinbench run latency` measures
with the same journeys and open arrivals.
"""

from collections import deque

from locust import events

from twinbench.load.clock import PreciseClock
from twinbench.load.journeys import Account, Browse, Buy, Operate
from twinbench.load.popularity import ZipfSampler
from twinbench.load.preparation import prepare_shop, read_range
from twinbench.load.recorder import Recorder
from twinbench.load.users import Stage, StagedEnvironment
from twinbench.load.workload import default_workload

WORKLOAD = default_workload()

for user_class in (Browse, Buy, Account, Operate):
    user_class.weight = WORKLOAD.mix[user_class.__name__.lower()]


@events.test_start.add_listener
def prepare(environment: StagedEnvironment, **_: object) -> None:
    """Sign customers in; every worker of a distributed run does so for itself."""
    host = environment.host or ""
    shop = prepare_shop(host, read_range(host), customers=WORKLOAD.customers)
    environment.stage = Stage(
        shop=shop,
        ranks=ZipfSampler(len(shop.products), WORKLOAD.zipf),
        think_s=WORKLOAD.think_s,
        clock=PreciseClock(),
        recorder=Recorder(rows=deque(maxlen=0)),
    )
