"""Every arm at once: one call goes to all of them, and their answers must be the same."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NoReturn

import orjson

from differential.call import Call
from differential.ledger import Ledger
from differential.normal import Names, normal_answer
from driver.http import ABSENT, Answer, Caller
from driver.shop import Shop, eventually, unique

TAG: Final = "<history:tag>"
"""A word that only one history's products and people have."""
NOBODY: Final = "nobody"
FORGED: Final = "forged"
STAFF: Final = "staff"
EVENTUAL: Final = frozenset({"sold"})
NOTHING: Final[frozenset[str]] = frozenset()


class DifferenceError(AssertionError):
    """The arms do not agree."""


def same(seen: Sequence[Any]) -> bool:
    """As JSON: to Python 1, 1.0 and True are equal."""
    return len({orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in seen}) == 1


@dataclass(slots=True)
class Tally:
    """What a whole run compared."""

    steps: int = 0
    differences: int = 0
    histories: int = 0
    by_status: dict[int, int] = field(default_factory=dict)

    def count(self, status: int) -> None:
        if not self.differences:
            self.steps += 1
            self.by_status[status] = self.by_status.get(status, 0) + 1


@dataclass(slots=True)
class Side:
    """One arm in one history: its names for things and its callers."""

    shop: Shop
    names: Names = field(default_factory=Names)
    callers: dict[str, Caller] = field(default_factory=dict)

    def send(self, call: Call) -> Answer:
        content = call.content
        if call.json is not ABSENT:
            content = self.names.fill(orjson.dumps(call.json).decode()).encode()
        headers = {name: self.names.fill(value) for name, value in call.headers.items()}
        if call.json is not ABSENT:
            headers.setdefault("Content-Type", "application/json")
        return self.callers[call.who].call(
            call.method,
            self.names.fill(call.path),
            content=content,
            params=[(name, self.names.fill(value)) for name, value in call.params],
            headers=headers,
        )


class World:
    """One history on every arm. Things are called by symbols, which each arm resolves."""

    def __init__(self, shops: Sequence[Shop], pool: Executor, tally: Tally) -> None:
        self.sides = [Side(shop) for shop in shops]
        self.ledger = Ledger()
        self.calls: list[Call] = []
        self._pool = pool
        self._tally = tally
        self.difference: str | None = None
        tag = unique("h").replace("-", "")
        for side in self.sides:
            side.names.learn(TAG.strip("<>"), tag)
            side.callers[NOBODY] = side.shop.anonymous
            side.callers[FORGED] = side.shop.anonymous.bearing("e30.e30.e30")
            side.callers[STAFF] = side.shop.staff

    @property
    def agreed(self) -> bool:
        return self.difference is None

    def step(self, call: Call, hidden: frozenset[str] = EVENTUAL) -> Answer:
        """Makes the call on every arm and returns the first one's answer; they must agree."""
        self.calls.append(call)
        answer = self.look(call, hidden)
        self.ledger.note(call, answer)
        return answer

    def look(self, call: Call, hidden: frozenset[str] = NOTHING) -> Answer:
        """`step`, but no part of the history."""
        answers: list[Answer] = list(self._pool.map(lambda side: side.send(call), self.sides))
        made = [call.made(answer) for answer in answers]
        for side, value in zip(self.sides, made, strict=True):
            if value is not None and None not in made:
                side.names.learn(call.makes, value)
        self._compare(
            str(call),
            [
                normal_answer(side.names, answer, hidden)
                for side, answer in zip(self.sides, answers, strict=True)
            ],
        )
        if call.admits and answers[0].status == HTTPStatus.CREATED:
            for side, answer in zip(self.sides, answers, strict=True):
                token = answer.body["access_token"]
                side.callers[call.admits] = side.shop.anonymous.bearing(token)
        self._tally.count(answers[0].status)
        return answers[0]

    def settle(
        self,
        what: str,
        look: Callable[[Side], Any],
        within: float,
        good: Callable[[Any], bool] = lambda _seen: True,
    ) -> None:
        """What follows later: good on every arm and the same, before the time is up."""
        seen = eventually(
            lambda: list(self._pool.map(look, self.sides)),
            lambda found: same(found) and all(good(one) for one in found),
            within,
        )
        self._compare(f"{what}, after {within:g} s", seen)
        if not good(seen[0]):
            self._differ(f"{what}: no arm settled within {within:g} s: {seen[0]}")
        self._tally.count(200)

    def _compare(self, what: str, seen: Sequence[Any]) -> None:
        if same(seen):
            return
        lines = [
            f"  {side.shop.arm.name:>14}: {orjson.dumps(one).decode()}"
            for side, one in zip(self.sides, seen, strict=True)
        ]
        self._differ("\n".join([f"the arms differ on {what}", *lines]))

    def _differ(self, message: str) -> NoReturn:
        self.difference = message
        self._tally.differences = 1
        raise DifferenceError(message)
