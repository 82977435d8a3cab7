"""What an answer took, and what calls to other services took of it, told in its own header.

Off unless the setting `trace` says so, and then not installed: an answer that is not traced pays
nothing. When on, every answer carries `Server-Timing` (W3C) with these entries:

- `app`: this service's answer. `desc` is service, method and route; `dur` the milliseconds until
  it began to answer; `cpu` those of the processor in its own code.
- `call`, one for each call to another service: `dur` as the caller saw it; `desc`, `own` and `cpu`
  as the callee told; `from` is the caller. Calls that the callee made in turn follow, as it told
  them.
- `calls`: `dur` is the time covered by this service's own calls, which may overlap.
- `lost`, `left`: how many requests got no answer; how many calls were left out, for length.

Work that goes on after the answer is in none of them.
"""

import time
from collections.abc import Awaitable, Generator
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar

import aiohttp
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.http import HttpPool

HEADER: Final = "Server-Timing"
# Clients read no line of a head above 8190 bytes, aiohttp among them.
_LONGEST: Final = 6000
_NO_ROUTE: Final = "unmatched"

T = TypeVar("T")


class Metered(Generic[T]):
    """Awaits `work` and meters the CPU time of its own steps.

    What other tasks do meanwhile is left out, and so is what it has tasks of its own for.
    """

    def __init__(self, work: Awaitable[T]) -> None:
        self._work = work
        self._used = 0
        self._resumed: int | None = None

    @property
    def cpu(self) -> float:
        """Milliseconds so far; to be asked from within the work, or afterwards."""
        step = 0 if self._resumed is None else time.thread_time_ns() - self._resumed
        return (self._used + step) / 1e6

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._work.__await__()
        thrown: BaseException | None = None
        while True:
            self._resumed = time.thread_time_ns()
            try:
                waiting_for = next(steps) if thrown is None else steps.throw(thrown)
            except StopIteration as end:
                value: T = end.value
                return value
            finally:
                self._used += time.thread_time_ns() - self._resumed
                self._resumed = None
            thrown = None
            try:
                yield waiting_for
            except BaseException as error:  # noqa: BLE001 - a cancellation is for the work
                thrown = error


class Call:
    """One call, and what the callee `told` of itself: see `told_of`."""

    def __init__(self, began: float, told: str) -> None:
        self.began = self.ended = began
        self.told = told

    def end(self) -> None:
        self.ended = time.perf_counter()

    def entry(self, caller: str) -> str:
        dur = 1000 * (self.ended - self.began)
        return f'call;dur={dur:.4f};{self.told};from="{caller}"'


class Trace:
    """One answer in the making, by this component."""

    def __init__(self, component: str) -> None:
        self._component = component
        self._began = time.perf_counter()
        self._calls: list[Call] = []
        self._passed_on: list[str] = []
        self.lost = 0

    def called(self, call: Call, *, passed_on: str = "") -> None:
        """Counts a call whose callee has answered; `passed_on` are the calls it made in turn."""
        self._calls.append(call)
        entries = passed_on.split(", ")
        self._passed_on += [entry for entry in entries if entry.startswith("call;")]

    def told(self, what: str, *, cpu: float) -> str:
        """The header as of now."""
        took = 1000 * (time.perf_counter() - self._began)
        entries = [f'app;desc="{what}";dur={took:.4f};cpu={cpu:.4f}']
        if self._calls:
            entries.append(f"calls;dur={1000 * self._covered():.4f}")
        if self.lost:
            entries.append(f"lost;desc={self.lost}")
        length, left = sum(map(len, entries)), 0
        for entry in (*(call.entry(self._component) for call in self._calls), *self._passed_on):
            length += len(entry) + 2
            if length <= _LONGEST:
                entries.append(entry)
            else:
                left += 1
        if left:
            entries.append(f"left;desc={left}")
        return ", ".join(entries)

    def _covered(self) -> float:
        covered, until = 0.0, self._began
        for call in sorted(self._calls, key=lambda call: call.began):
            covered += max(0.0, call.ended - max(call.began, until))
            until = max(until, call.ended)
        return covered


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """That of the request which is being answered; None in work beside requests."""
    return _current.get()


def told_of(what: str, *, own: float, cpu: float) -> str:
    """What a callee tells of itself, as it stands in an entry about a call."""
    return f'desc="{what}";own={own:.4f};cpu={cpu:.4f}'


class ServerTiming:
    """ASGI middleware around all else that the application does."""

    def __init__(self, app: ASGIApp, *, component: str) -> None:
        self._app, self._component = app, component

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace(self._component)

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", _NO_ROUTE)
                what = f"{self._component} {scope['method']} {route}"
                line = (HEADER.lower().encode(), trace.told(what, cpu=work.cpu).encode())
                message = {**message, "headers": [*message["headers"], line]}
            await send(message)

        work = Metered(self._app(scope, receive, telling))
        token = _current.set(trace)
        try:
            await work
        finally:
            _current.reset(token)


def install(app: FastAPI, pool: HttpPool, *, component: str) -> None:
    """Before the app starts."""
    app.add_middleware(ServerTiming, component=component)
    pool.trace_configs.append(_of_calls())


def _of_calls() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_request_begins)
    config.on_request_end.append(_answer_begins)
    config.on_response_chunk_received.append(_answer_ends)
    config.on_request_exception.append(_no_answer)
    return config


async def _request_begins(
    _session: aiohttp.ClientSession, call: SimpleNamespace, _: aiohttp.TraceRequestStartParams
) -> None:
    call.began = time.perf_counter()


async def _answer_begins(
    _session: aiohttp.ClientSession, call: SimpleNamespace, told: aiohttp.TraceRequestEndParams
) -> None:
    """Who answers without telling what it took is no service of ours."""
    trace, header = _current.get(), told.response.headers.get(HEADER, "")
    app, _, rest = header.partition(", ")
    call.known = None
    if trace is None or not app.startswith("app;"):
        return
    call.known = Call(call.began, app.removeprefix("app;").replace(";dur=", ";own="))
    call.known.end()
    trace.called(call.known, passed_on=rest)


async def _answer_ends(
    _session: aiohttp.ClientSession,
    call: SimpleNamespace,
    _: aiohttp.TraceResponseChunkReceivedParams,
) -> None:
    if call.known is not None:
        call.known.end()


async def _no_answer(
    _session: aiohttp.ClientSession, _: SimpleNamespace, __: aiohttp.TraceRequestExceptionParams
) -> None:
    if (trace := _current.get()) is not None:
        trace.lost += 1
