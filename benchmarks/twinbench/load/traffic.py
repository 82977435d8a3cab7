"""HTTP as a patient customer uses it: asks again, the same, until there is a final answer."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from twinbench.errors import TwinbenchError

ATTEMPT_SECONDS = 15.0
FINAL_WITHIN = 180.0
_PAUSE_SECONDS = 0.25
_IN_USE = "idempotency-key-in-use"
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    replayed: bool

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was answered
        return orjson.loads(self.body)

    @property
    def problem(self) -> str | None:
        """The slug of a problem, `not-json` for what a proxy says of its own."""
        if self.status < http.client.BAD_REQUEST:
            return None
        try:
            return str(self.json["type"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return "not-json"

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: object = None
    token: str | None = None
    key: str | None = None


class NoFinalAnswerError(TwinbenchError):
    """A request got a wrong answer, or none that is final in time."""


@dataclass
class Traffic:
    """All requests to one gateway, counted, so that faults can be paced by them."""

    gateway: str
    seen: Counter[str] = field(default_factory=Counter)
    _attempts: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def insist(self, request: Request, final: Callable[[Answer], bool]) -> Answer:
        """The first final answer. None, an error of the server or `in use`: asked again."""
        deadline = time.monotonic() + FINAL_WITHIN
        while True:
            answer = self._attempt(request)
            if answer is not None and final(answer):
                return answer
            what = f"{request.method} {request.path} (key {request.key}): {answer or 'no answer'}"
            if answer and answer.status < _FIRST_SERVER_ERROR and answer.problem != _IN_USE:
                raise NoFinalAnswerError(what)
            if time.monotonic() > deadline:
                raise NoFinalAnswerError(f"still after {FINAL_WITHIN:.0f} s: {what}")
            # Paces the asking; what ends it is the answer.
            time.sleep(_PAUSE_SECONDS)

    def await_attempts(self, count: int, *, at_most: float) -> None:
        """Until so many more requests have ended, or the time is over because none can."""
        with self._changed:
            goal = self._attempts + count
            self._changed.wait_for(lambda: self._attempts >= goal, at_most)

    def _attempt(self, request: Request) -> Answer | None:
        answer: Answer | None = None
        try:
            answer = send(self.gateway, request)
            outcome = f"{answer.status} {answer.problem or ''}".rstrip()
        except (OSError, http.client.HTTPException) as error:
            outcome = type(error).__name__
        with self._changed:
            self._attempts += 1
            self.seen[f"{request.method} {request.path.split('/')[1]}: {outcome}"] += 1
            self._changed.notify_all()
        return answer


def send(gateway: str, request: Request) -> Answer:
    """Raises OSError or HTTPException when no whole answer comes."""
    headers = {"Connection": "close"}
    if request.token is not None:
        headers["Authorization"] = f"Bearer {request.token}"
    if request.key is not None:
        headers["Idempotency-Key"] = request.key
    content = None
    if request.body is not None:
        content = orjson.dumps(request.body)
        headers["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection(urlsplit(gateway).netloc, timeout=ATTEMPT_SECONDS)
    try:
        connection.request(request.method, f"/api/v1{request.path}", content, headers)
        response = connection.getresponse()
        replayed = response.getheader("Idempotency-Replayed") == "true"
        return Answer(response.status, response.read(), replayed)
    finally:
        connection.close()
