"""Which component is killed when: decided beforehand, by a seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.kills.traffic import Traffic
from twinbench.engines.protocol import Engine

_LONGEST_WAIT = 4.0


@dataclass(frozen=True, slots=True)
class Kill:
    """After so many more requests; it stays down for so many. Time would mean less: a fast
    machine would be idle when the fault comes."""

    component: str
    after: int
    down_for: int

    def __str__(self) -> str:
        return f"{self.component} after {self.after}, down for {self.down_for} requests"


def plan(components: Sequence[str], *, kills: int, seed: int) -> list[Kill]:
    """Every component at least once, if there are kills enough."""
    choices = random.Random(f"kills {seed}")
    victims = choices.sample(components, len(components))
    victims += choices.choices(components, k=max(0, kills - len(victims)))
    return [
        Kill(name, after=choices.randint(3, 30), down_for=choices.choice([0, 0, 3, 10, 25]))
        for name in victims
    ]


def carry_out(kill: Kill, engine: Engine, traffic: Traffic) -> None:
    """Returns when the component is ready again."""
    traffic.await_attempts(kill.after, at_most=_LONGEST_WAIT)
    engine.kill(kill.component, restart=False)
    traffic.await_attempts(kill.down_for, at_most=_LONGEST_WAIT)
    engine.start(kill.component)
