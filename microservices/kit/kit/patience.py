"""Refusing at once what could not be served in time: less work for who asks too much.

The gateway notes when it hands a request on. What has waited for too long since then, in the
server's queue or for its turn here, is refused before anything is done for it. As the monolith does
it, whose threads are its turns. Calls from service to service carry no such note and are never
refused: what has been begun is not given up half way.
"""

import asyncio
import time
from contextvars import ContextVar
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from kit.answering import Answering
from kit.errors import DependencyUnavailable

HEADER: Final = b"x-request-start"
"""Milliseconds since the epoch, by the gateway."""
AT_ONCE: Final = 4
"""Turns of one service in one process: as many as a service has connections to its database."""
LONGEST: Final = 2.0
"""Seconds that a request may wait in any case."""
STRAINED: Final = 0.2
"""Seconds: when every request has waited as long, for `STANDING` on end, too much is asked."""
STANDING: Final = 0.5
LOOKING: Final = 0.1
"""Seconds that who only looks around may wait from then on, until nobody has waited as long for
`STANDING` on end."""
GOING_ON: Final = 0.3
"""Seconds that whoever is signed in, or changes something, may wait in that time."""


class Patience:
    """For how long requests may wait: that depends on how long others have."""

    def __init__(self) -> None:
        self._strained = False
        self._turning: float | None = None

    def longest(self, strained: float) -> float:
        """Seconds that a request may wait now that may wait for so many under strain."""
        return strained if self._strained else LONGEST

    def lasts(self, waited: float, now: float, strained: float) -> bool:
        """Whether to serve a request that has waited for so many seconds, at `now` in seconds."""
        turns = waited < LOOKING if self._strained else waited >= STRAINED
        if not turns:
            self._turning = None
        elif self._turning is None:
            self._turning = now
        elif now - self._turning >= STANDING:
            self._strained, self._turning = not self._strained, None
        return waited < self.longest(strained)


def under_strain(method: str, *, signed_in: bool) -> float:
    """Seconds that such a request may wait when too much is asked."""
    return LOOKING if method == "GET" and not signed_in else GOING_ON


class Turn:
    """Of one request, until it ends or waits for somebody else."""

    __slots__ = ("_turns",)

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns: asyncio.Semaphore | None = turns

    def end(self) -> None:
        if self._turns is not None:
            self._turns.release()
            self._turns = None


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


def stand_aside() -> None:
    """Gives the turn of this request to the next: it is about to wait, not to work.

    So a neighbour that hangs does not take the turns of those who need no neighbour.
    """
    turn = _turn.get()
    if turn is not None:
        turn.end()


class Patient:
    """ASGI middleware: what comes through the gateway is served in turn, or refused."""

    def __init__(self, app: ASGIApp, *, at_once: int = AT_ONCE) -> None:
        self._app, self._refusing = app, Answering(_refuse)
        self._turns = asyncio.Semaphore(at_once)
        self._patience = Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        since, signed_in = _noted(scope) if scope["type"] == "http" else (None, False)
        if since is None:
            await self._app(scope, receive, send)
            return
        turn = await self._begun(since, under_strain(scope["method"], signed_in=signed_in))
        if turn is None:
            await self._refusing(scope, receive, send)
            return
        _turn.set(turn)
        try:
            await self._app(scope, receive, send)
        finally:
            turn.end()

    async def _begun(self, since: float, strained: float) -> Turn | None:
        """None for a request that does not last."""
        mine = not self._turns.locked() and await self._turns.acquire()
        if not mine:
            mine = await self._wait(since + self._patience.longest(strained) - time.time())
        now = time.time()
        lasts = self._patience.lasts(now - since, now, strained)
        if mine and lasts:
            return Turn(self._turns)
        if mine:
            self._turns.release()
        return None

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._turns.acquire()
        except TimeoutError:
            return False


def _noted(scope: Scope) -> tuple[float | None, bool]:
    """Since when a request waits, in seconds since the epoch; whether it says who asks."""
    since, signed_in = None, False
    for name, value in scope["headers"]:
        if name == HEADER and value.isdigit():
            since = int(value) / 1000
        elif name == b"authorization":
            signed_in = True
    return since, signed_in


async def _refuse(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise DependencyUnavailable
