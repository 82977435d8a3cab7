"""Rules of a history: what may happen next, how often, with which arguments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar

from hypothesis import strategies as st

P = ParamSpec("P")
R = TypeVar("R")
_MARK: Final = "__history_rule__"


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    weight: int
    arguments: st.SearchStrategy[dict[str, Any]] = field(repr=False)


def rule(
    weight: int = 1, **arguments: st.SearchStrategy[Any]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a method as something that may happen, `weight` times as often as the rarest."""

    def mark(method: Callable[P, R]) -> Callable[P, R]:
        found = Rule(method.__name__, weight, st.fixed_dictionaries(arguments))
        setattr(method, _MARK, found)
        return method

    return mark


def next_rule(machine: type) -> st.SearchStrategy[Rule]:
    """Any rule of the class, by weight.

    Hypothesis' own state machine leaves out half of the rules in each history and is drawn to
    short ones, so that few would get as far as a confirmed order that is then cancelled.
    """
    found = [
        member.__dict__[_MARK]
        for name in dir(machine)
        if _MARK in getattr(member := getattr(machine, name), "__dict__", {})
    ]
    heaviest_first = sorted(found, key=lambda rule: (-rule.weight, rule.name))
    return st.sampled_from([rule for rule in heaviest_first for _ in range(rule.weight)])
