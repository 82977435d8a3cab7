"""A Locust runner with open arrivals: journeys begin when due, whatever became of earlier ones."""

import time
from collections import defaultdict
from random import Random

import gevent
from gevent import Greenlet
from locust.exception import RescheduleTask
from locust.runners import STATE_RUNNING, STATE_STOPPED, LocalRunner

from twinbench.load.arrivals import Schedule
from twinbench.load.journeys import JOURNEYS
from twinbench.load.recorder import Flight
from twinbench.load.users import ShopUser, StagedEnvironment

_IN_FLIGHT_SAMPLES_PER_SECOND = 100


class ArrivalRunner(LocalRunner):
    """Gives each arrival of a schedule a user of its own, made ahead and used again.

    Users are never waited for: when all are busy another one is made. Each has its own connection,
    as visitors have.
    """

    def __init__(self, environment: StagedEnvironment) -> None:
        super().__init__(environment)
        environment.runner = self
        self._staged = environment
        self._idle: dict[str, list[ShopUser]] = defaultdict(list)
        self._broken: list[Greenlet[..., None]] = []
        self.in_flight: list[tuple[float, int]] = []

    def make_users(self, names: tuple[str, ...], count: int) -> None:
        """Have `count` idle users of each journey, so that arrivals need not make them."""
        for name in names:
            self._idle[name] += [JOURNEYS[name](self._staged) for _ in range(count)]

    def play(self, schedule: Schedule, *, origin: float, end: float, drain_s: float) -> None:
        """Play the schedule, then wait up to `drain_s` for journeys under way at `end`.

        Raises whatever a journey raised other than for a failed request: that is a mistake in the
        journey, or an answer that breaks the contract.
        """
        clock = self._staged.stage.clock
        self.update_state(STATE_RUNNING)
        sampler = gevent.spawn(self._sample_in_flight, origin, end)
        marks = (schedule.times.tolist(), schedule.kinds.tolist(), schedule.seeds.tolist())
        for number, (at, kind, seed) in enumerate(zip(*marks, strict=True)):
            clock.wait_until(origin + at)
            self._begin(number, schedule.names[kind], origin + at, Random(seed))
        clock.wait_until(end)
        sampler.join()
        self.user_greenlets.join(timeout=drain_s)
        self.user_greenlets.kill()
        self._staged.stage.recorder.abandon_open()
        self.update_state(STATE_STOPPED)
        for greenlet in self._broken:
            greenlet.get()

    def _begin(self, number: int, name: str, due: float, random: Random) -> None:
        idle = self._idle[name]
        user = idle.pop() if idle else JOURNEYS[name](self._staged)
        customer = self._staged.stage.borrow_customer(random)
        user.flight = Flight(number, name, due, random, customer)
        # Locust counts running users by the first argument of their greenlets.
        greenlet = self.user_greenlets.spawn(self._perform, user, idle)
        greenlet.link_exception(self._broken.append)

    def _perform(self, user: ShopUser, idle: list[ShopUser]) -> None:
        try:
            user.journey()
        except RescheduleTask:
            pass  # the failed request is on record
        finally:
            self._staged.stage.return_customer(user.flight.customer)
        idle.append(user)

    def _sample_in_flight(self, origin: float, end: float) -> None:
        stage = self._staged.stage
        at = origin
        while at < end:
            stage.clock.wait_until(at)
            self.in_flight.append((at, len(stage.recorder.open)))
            at = max(at + 1 / _IN_FLIGHT_SAMPLES_PER_SECOND, time.monotonic())
