"""The Locust user that journeys are written on, for open arrivals and for Locust's own page."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import orjson
from locust import User, constant, task
from locust.env import Environment
from locust.exception import RescheduleTask

from twinbench.load.clock import PreciseClock
from twinbench.load.customers import Customers
from twinbench.load.http import Answer, Connection, Origin
from twinbench.load.plan import Shop
from twinbench.load.popularity import ZipfSampler
from twinbench.load.recorder import REPLICA_HEADER, TIMING_HEADER, Flight, Outcome, Recorder

JSON = Mapping[str, Any]
_HEADERS: Final = (
    "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: twinbench\r\n"
)
_TIMEOUT_S: Final = 30.0


class BadStatusError(Exception):
    """The shop answered, but not with 2xx."""


class RefusedError(BadStatusError):
    """The shop took on no more for now, and said when to come again."""


class StagedEnvironment(Environment):
    """Locust's environment with what the users of this process share."""

    stage: "Stage"


@dataclass(slots=True)
class Stage:
    """What all users of one process share."""

    shop: Shop
    ranks: ZipfSampler
    think_s: float
    clock: PreciseClock
    recorder: Recorder
    origin: Origin = field(init=False)
    customers: Customers = field(init=False)

    def __post_init__(self) -> None:
        self.origin = Origin.of(self.shop.base_url)
        self.customers = Customers(self.shop.customers)


class ShopUser(User):
    """A visitor who performs one journey at a time; subclasses say which.

    The journey acts for `flight.customer` and draws every choice from `flight.random`, so a seed
    decides it whole.
    """

    abstract = True
    wait_time = constant(1)

    stage: Stage
    flight: Flight

    def __init__(self, environment: StagedEnvironment) -> None:
        super().__init__(environment)
        self.stage = environment.stage
        self._connection = Connection(self.stage.origin, headers=_HEADERS, timeout=_TIMEOUT_S)
        self._tell_locust: Callable[..., None] = environment.events.request.fire

    def on_stop(self) -> None:
        self._connection.close()

    def journey(self) -> None:
        raise NotImplementedError

    @task
    def visit(self) -> None:
        """A journey that begins now, by chance: what Locust itself performs, as a closed loop."""
        random = Random()
        customer = self.stage.customers.borrow(random)
        name = type(self).__name__.lower()
        self.flight = Flight(random.getrandbits(60), name, time.monotonic(), random, customer)
        try:
            self.journey()
        finally:
            self.stage.customers.give_back(customer)

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
        lines = "" if token is None else f"Authorization: Bearer {token}\r\n"
        body = b""
        if json is not None:
            body = orjson.dumps(json)
            lines += "Content-Type: application/json\r\n"
        for header, value in (headers or {}).items():
            lines += f"{header}: {value}\r\n"
        answer = self._exchange(method, path, name, lines, body)
        if flight.failed or answer is None:
            raise RescheduleTask
        decoded: JSON = orjson.loads(answer.content) if answer.content else {}
        return decoded

    def _exchange(
        self, method: str, path: str, name: str, headers: str, body: bytes
    ) -> Answer | None:
        """Send, await the answer, put it on record and tell Locust's listeners."""
        flight, recorder = self.flight, self.stage.recorder
        answer: Answer | None = None
        failure: Exception | None = None
        sent = time.monotonic()
        recorder.sending(flight, name, sent)
        try:
            answer = self._connection.send(method, path, headers=headers, body=body)
        except OSError as error:
            failure = error
        finished = time.monotonic()
        if answer is not None and answer.status_code // 100 != 2:  # noqa: PLR2004 - 2xx
            kind = RefusedError if answer.refuses else BadStatusError
            failure = kind(str(answer.status_code))
        if answer is not None and TIMING_HEADER in answer.headers:
            recorder.told_by(flight, finished, answer.headers[TIMING_HEADER])
        recorder.finished(flight, finished, _outcome(answer, failure, finished))
        self._tell_locust(
            request_type=method,
            name=name,
            response_time=(finished - sent) * 1000,
            response_length=0 if answer is None else len(answer.content),
            response=answer,
            context={},
            exception=failure,
        )
        return answer

    def think(self) -> None:
        """Pause as a person does. The next request is due when the pause is over."""
        pause = self.flight.random.expovariate(1.0) * self.stage.think_s
        self.flight.due += pause
        self.stage.clock.wait_until(self.flight.due)

    def product_id(self) -> int:
        """A product, popular ones more often."""
        rank = self.stage.ranks.rank(self.flight.random.random())
        return self.stage.shop.products[rank - 1]


def _outcome(answer: Answer | None, failure: Exception | None, finished: float) -> Outcome:
    error = None if failure is None else type(failure).__name__
    if answer is None:
        return Outcome(finished, status=0, bytes=0, replica=None, error=error)
    replica = answer.headers.get(REPLICA_HEADER)
    return Outcome(finished, answer.status_code, len(answer.content), replica, error)
