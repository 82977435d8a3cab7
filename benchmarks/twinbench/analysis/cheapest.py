"""The fewest replicas with which an arm meets an objective: a search that is pure.

`next_step` looks at all trials so far and says what to try next. Replicas are added where they are
missed until the objective is met, and then taken away one by one where they are not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Replicas = Mapping[str, int]
"""Of each component."""


@dataclass(frozen=True, slots=True)
class Room:
    """Which components may have several replicas, `most` at most each.

    One that uses more than `busy` of what its replicas have is short of them. As many `voids` in a
    row end a search.
    """

    components: tuple[str, ...]
    most: int
    busy: float = 0.8
    voids: int = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial: with what, whether it met the objective, and what share of its CPU each used."""

    replicas: Replicas
    meets: bool
    busy: Mapping[str, float]
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The end of a search after so many `trials`.

    With `replicas` the objective was met, and with one fewer of any component it was not, nor with
    as few in an earlier trial. None where it was not met with the most of everything that was
    busy, or the machine was disturbed time and again (`void`).
    """

    replicas: Replicas | None
    trials: int
    void: bool = False


def next_step(room: Room, tried: Sequence[Tried]) -> Replicas | Cheapest:
    """What to try after these trials, in the order they were made.

    What fails is believed to fail with fewer as well, of whichever component.
    """
    valid = [trial for trial in tried if trial.valid]
    lost = next((n for n, trial in enumerate(reversed(tried)) if trial.valid), len(tried))
    if lost >= room.voids:
        return Cheapest(None, len(tried), void=True)
    met = [trial for trial in valid if trial.meets]
    failed = [trial.replicas for trial in valid if not trial.meets]
    if met:
        best = met[-1]
        for component in sorted(room.components, key=lambda name: best.busy.get(name, 0.0)):
            fewer = {**best.replicas, component: best.replicas[component] - 1}
            if fewer[component] and not any(_within(fewer, others) for others in failed):
                return fewer
        return Cheapest(best.replicas, len(tried))
    if not valid:
        return dict.fromkeys(room.components, 1)
    return _more(room, valid[-1]) or Cheapest(None, len(tried))


def _within(fewer: Replicas, others: Replicas) -> bool:
    return all(count <= others[name] for name, count in fewer.items())


def _more(room: Room, trial: Tried) -> Replicas | None:
    """One more of each component that is short of them, or of the busiest there may be more of."""
    able = [name for name in room.components if trial.replicas[name] < room.most]
    if not able:
        return None
    short = [name for name in able if trial.busy.get(name, 0.0) > room.busy]
    short = short or [max(able, key=lambda name: trial.busy.get(name, 0.0))]
    return {name: count + (name in short) for name, count in trial.replicas.items()}
