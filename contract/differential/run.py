"""Histories until enough steps are compared; the first that differs is shrunk."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from differential.call import Call
from differential.machine import Histories
from differential.rules import next_rule
from differential.settling import settle_everything
from differential.shrink import shrink
from differential.world import DifferenceError, Tally, World
from driver.shop import Shop

RULES_PER_HISTORY: Final = 60
HISTORIES_PER_ROUND: Final = 4
SHRINK_WITHIN: Final = 120.0
RULES: Final = next_rule(Histories)

_SETTINGS: Final = settings(
    max_examples=HISTORIES_PER_ROUND,
    deadline=None,
    database=None,
    # Hypothesis would shrink its choices, replaying whole histories; we shrink the calls made.
    phases=(Phase.generate,),
    # A history talks to real systems and is long on purpose.
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)


class Comparison:
    """Drives the same histories through all the shops."""

    def __init__(self, shops: Sequence[Shop], pool: Executor, tally: Tally) -> None:
        self._shops = shops
        self._pool = pool
        self._tally = tally
        self._differing: World | None = None

    def run(self, *, steps: int, seed: int, shrink_within: float = SHRINK_WITHIN) -> None:
        """Raises DifferenceError at the first difference, with a short history that shows it."""
        while self._tally.steps < steps:
            try:
                self._round(f"{seed}-{self._tally.histories}")
            except (DifferenceError, Flaky):
                if self._differing is None:
                    raise
                raise DifferenceError(self._explain(self._differing, shrink_within)) from None

    def _round(self, seed: str) -> None:
        @hypothesis.seed(seed)
        @_SETTINGS
        @given(st.data())
        def history(data: st.DataObject) -> None:
            self._play(data)

        history()

    def _play(self, data: st.DataObject) -> None:
        world = self._world()
        try:
            machine = Histories(world, self._shops[0].categories)
            machine.open_shop()
            for _ in range(RULES_PER_HISTORY):
                chosen = data.draw(RULES)
                getattr(machine, chosen.name)(**data.draw(chosen.arguments))
            settle_everything(world)
        finally:
            if self._differing is None:
                self._tally.histories += 1
                self._differing = None if world.agreed else world

    def _world(self) -> World:
        return World(self._shops, self._pool, self._tally)

    def _replay(self, calls: Sequence[Call]) -> str | None:
        """What differs when these calls are made anew, by new people."""
        world = self._world()
        try:
            for call in calls:
                if call.who in world.sides[0].callers:
                    world.step(call)
            settle_everything(world)
        except DifferenceError as error:
            return str(error)
        return None

    def _explain(self, differing: World, within: float) -> str:
        calls = shrink(differing.calls, lambda some: self._replay(some) is not None, within)
        again = self._replay(calls) or "not every time: a race, or state left by earlier runs"
        history = "\n".join(f"  {number}. {call}" for number, call in enumerate(calls, start=1))
        return f"{differing.difference}\nshortest history that differs:\n{history}\n{again}"
