"""A request in symbols."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from driver.http import ABSENT, Answer, Params


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in symbols: it means the same on every arm and in every replay.

    makes: the symbol of what the answer names first, by a member of `named_by`;
    admits: who calls with the answer's access token from now on.
    """

    who: str
    method: str
    path: str
    json: Any = ABSENT
    content: bytes | None = None
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    makes: str = ""
    named_by: tuple[str, ...] = ("id", "order_id")
    admits: str = ""

    def made(self, answer: Answer) -> str | None:
        """The id of what the answer is the first to name."""
        if not self.makes or "Idempotency-Replayed" in answer.headers:
            return None
        found = [answer.body.get(name) for name in self.named_by]
        return next((str(value) for value in found if value is not None), None)

    def __str__(self) -> str:
        parts = [f"{self.who}: {self.method} {self.path}"]
        parts += [f"{name}={value!r}" for name, value in self.params]
        parts += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.json is not ABSENT:
            parts.append(orjson.dumps(self.json).decode())
        if self.content is not None:
            parts.append(repr(self.content))
        return " ".join(parts)
