"""A Locust runner with open arrivals: journeys begin when due, whatever became of earlier ones."""

import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import NamedTuple

from gevent import Greenlet
from gevent.event import Event
from gevent.hub import Waiter
from locust.event import EventHook
from locust.exception import RescheduleTask
from locust.runners import STATE_RUNNING, STATE_STOPPED, LocalRunner

from twinbench.load.arrivals import Schedule
from twinbench.load.journeys import JOURNEYS
from twinbench.load.recorder import Flight
from twinbench.load.users import ShopUser, StagedEnvironment

_IN_FLIGHT_SAMPLES_PER_SECOND = 100


class _Arrival(NamedTuple):
    number: int
    journey: str
    due: float
    seed: int


class _Visitor:
    """A user and the flight it waits for, in a greenlet that outlives its journeys.

    A new greenlet for each journey would cost a fifth of the journey's first request.
    """

    def __init__(self, user: ShopUser) -> None:
        self.user = user
        self.coming: Waiter[Flight] = Waiter()


class ArrivalRunner(LocalRunner):
    """Gives each arrival of a schedule a user of its own, made ahead and used again.

    Users are never waited for: when all are busy another one is made. Each has its own connection,
    as visitors have. Locust's own statistics are off: they round, and cost as much as a send.
    """

    def __init__(self, environment: StagedEnvironment) -> None:
        super().__init__(environment)
        environment.runner = self
        environment.events.request = EventHook()  # type: ignore[no-untyped-call]
        self.greenlet.kill(block=False)  # Locust's look at its own CPU, which stops all else
        self._staged = environment
        self._idle: dict[str, list[_Visitor]] = defaultdict(list)
        self._under_way = 0
        self._all_done = Event()
        self._broken: list[Greenlet[..., None]] = []
        self.in_flight: list[tuple[float, int]] = []

    def make_users(self, names: tuple[str, ...], count: int) -> None:
        """Have `count` idle users of each journey, so that arrivals need not make them."""
        for name in names:
            self._idle[name] += [self._visitor(name) for _ in range(count)]

    def play(self, schedule: Schedule, *, origin: float, end: float, drain_s: float) -> None:
        """Play the schedule, then wait up to `drain_s` for journeys under way at `end`.

        Raises whatever a journey raised other than for a failed request: that is a mistake in the
        journey, or an answer that breaks the contract.
        """
        clock = self._staged.stage.clock
        self.update_state(STATE_RUNNING)
        self._sample_in_flight(origin, end)
        self._arrive_next(_arrivals(schedule, origin))
        clock.wait_until(end)
        self._all_done.clear()
        if self._under_way:
            self._all_done.wait(drain_s)
        self.user_greenlets.kill()
        self._staged.stage.recorder.abandon_open()
        self.update_state(STATE_STOPPED)
        for greenlet in self._broken:
            greenlet.get()

    def _visitor(self, name: str) -> _Visitor:
        visitor = _Visitor(JOURNEYS[name](self._staged))
        # Locust counts running users by the first argument of their greenlets.
        greenlet = self.user_greenlets.spawn(self._live, visitor.user, visitor, self._idle[name])
        greenlet.link_exception(self._broken.append)
        return visitor

    def _live(self, user: ShopUser, visitor: _Visitor, idle: list[_Visitor]) -> None:
        while True:
            user.flight = visitor.coming.get()
            visitor.coming.clear()
            try:
                user.journey()
            except RescheduleTask:
                pass  # the failed request is on record
            finally:
                self._staged.stage.customers.give_back(user.flight.customer)
                self._under_way -= 1
                if not self._under_way:
                    self._all_done.set()
            idle.append(visitor)

    def _arrive_next(self, arrivals: Iterator[_Arrival]) -> None:
        for arrival in arrivals:
            self._staged.stage.clock.call_at(arrival.due, partial(self._arrive, arrival, arrivals))
            break

    def _arrive(self, arrival: _Arrival, following: Iterator[_Arrival]) -> None:
        """Called by the hub: the visitor runs from here until it first has to wait."""
        self._arrive_next(following)
        idle = self._idle[arrival.journey]
        visitor = idle.pop() if idle else self._visitor(arrival.journey)
        random = Random(arrival.seed)
        customer = self._staged.stage.customers.borrow(random)
        self._under_way += 1
        flight = Flight(arrival.number, arrival.journey, arrival.due, random, customer)
        visitor.coming.switch(flight)

    def _sample_in_flight(self, at: float, end: float) -> None:
        stage = self._staged.stage
        self.in_flight.append((at, len(stage.recorder.open)))
        following = max(at + 1 / _IN_FLIGHT_SAMPLES_PER_SECOND, time.monotonic())
        if following < end:
            stage.clock.call_at(following, partial(self._sample_in_flight, following, end))


def _arrivals(schedule: Schedule, origin: float) -> Iterator[_Arrival]:
    marks = (schedule.numbers, schedule.times, schedule.kinds, schedule.seeds)
    for number, at, kind, seed in zip(*(mark.tolist() for mark in marks), strict=True):
        yield _Arrival(number, schedule.names[kind], origin + at, seed)
