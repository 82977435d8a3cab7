"""The Locust user that journeys are written on, for open arrivals and for Locust's own page."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import orjson
from locust import FastHttpUser, constant, task
from locust.env import Environment
from locust.exception import RescheduleTask

from twinbench.load.arrivals import ZipfSampler
from twinbench.load.clock import PreciseClock
from twinbench.load.plan import Customer, Shop
from twinbench.load.recorder import REPLICA_HEADER, Flight, Outcome, Recorder

JSON = Mapping[str, Any]


class StagedEnvironment(Environment):
    """Locust's environment with what the users of this process share."""

    stage: "Stage"


class Answer(Protocol):
    """What we read of Locust's responses; `status_code` is 0 or None where none came."""

    @property
    def status_code(self) -> int | None: ...
    @property
    def headers(self) -> Mapping[str, str] | None: ...


@dataclass(slots=True)
class Stage:
    """What all users of one process share."""

    shop: Shop
    ranks: ZipfSampler
    think_s: float
    clock: PreciseClock
    recorder: Recorder
    free_customers: deque[Customer] = field(init=False)
    shared_customers: int = 0

    def __post_init__(self) -> None:
        self.free_customers = deque(self.shop.customers)

    def borrow_customer(self, random: Random) -> Customer:
        """A customer nobody is acting for; one in use, counted, when all are taken.

        Waiting for a free one would let slow answers hold arrivals back.
        """
        if self.free_customers:
            return self.free_customers.popleft()
        self.shared_customers += 1
        return random.choice(self.shop.customers)

    def return_customer(self, customer: Customer) -> None:
        self.free_customers.append(customer)


class ShopUser(FastHttpUser):
    """A visitor who performs one journey at a time; subclasses say which.

    The journey acts for `flight.customer` and draws every choice from `flight.random`, so a seed
    decides it whole.
    """

    abstract = True
    wait_time = constant(1)
    network_timeout = 30.0
    connection_timeout = 30.0
    concurrency = 1

    stage: Stage
    flight: Flight

    def __init__(self, environment: StagedEnvironment) -> None:
        super().__init__(environment)
        self.stage = environment.stage

    def journey(self) -> None:
        raise NotImplementedError

    @task
    def visit(self) -> None:
        """A journey that begins now, by chance: what Locust itself performs, as a closed loop."""
        random = Random()
        customer = self.stage.borrow_customer(random)
        name = type(self).__name__.lower()
        self.flight = Flight(random.getrandbits(60), name, time.monotonic(), random, customer)
        try:
            self.journey()
        finally:
            self.stage.return_customer(customer)

    def step(
        self,
        method: str,
        path: str,
        name: str,
        *,
        json: JSON | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JSON:
        """Send the journey's next request and return its decoded body, empty if it has none.

        A request that fails ends the journey (RescheduleTask): the rest would measure nonsense.
        """
        flight = self.flight
        sent_headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token is not None:
            sent_headers["Authorization"] = f"Bearer {token}"
        body = None
        if json is not None:
            body = orjson.dumps(json).decode()
            sent_headers["Content-Type"] = "application/json"
        sent_headers |= headers or {}
        self.stage.recorder.sending(flight, name, time.monotonic())
        response = self.client.request(
            method, path, name=name, data=body, headers=sent_headers, context={"flight": flight}
        )
        if flight.failed:
            raise RescheduleTask
        decoded: JSON = orjson.loads(response.content) if response.content else {}
        return decoded

    def think(self) -> None:
        """Pause as a person does. The next request is due when the pause is over."""
        pause = self.flight.random.expovariate(1.0) * self.stage.think_s
        self.flight.due += pause
        self.stage.clock.wait_until(self.flight.due)

    def product_id(self) -> int:
        """A product, popular ones more often."""
        rank = self.stage.ranks.rank(self.flight.random.random())
        return self.stage.shop.products[rank - 1]


def record_requests(environment: Environment, recorder: Recorder) -> None:
    """Feed the recorder from Locust's request event, which fires as each answer is complete."""

    def on_request(
        *,
        response: Answer,
        response_time: float,
        response_length: int,
        exception: BaseException | None,
        context: Mapping[str, Flight],
        **_: object,
    ) -> None:
        flight = context["flight"]
        finished = flight.sent + response_time / 1000
        outcome = Outcome(
            finished=finished,
            status=response.status_code or 0,
            bytes=response_length,
            replica=(response.headers or {}).get(REPLICA_HEADER),
            error=None if exception is None else type(exception).__name__,
        )
        recorder.finished(flight, finished, outcome)

    environment.events.request.add_listener(on_request)  # type: ignore[no-untyped-call]
