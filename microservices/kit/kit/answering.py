"""The one layer between server and routes: every request is read whole and gets one answer.

FastAPI puts six layers there, for uploaded files, telemetry, a limit on bodies and two kinds of
error handlers. Nothing here has files, telemetry or such a limit, and the errors are `answer_to`'s;
each layer costs every request, and every call between services is one more.
"""

import logging
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.db import DATABASE_ERRORS
from kit.errors import (
    DependencyUnavailable,
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
)

log = logging.getLogger(__name__)

_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Answering:
    """ASGI middleware around a router."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, unread=_announced(scope))
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:
            if exchange.answered:
                raise
            response = answer_to(Request(scope), error)
            await response(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request and its answer; `unread` bytes of the body are to come, -1 if nobody knows.

    What a refused request left unread is read before it is answered: the server closes a connection
    with an unread body, and the gateway, which meant to use it again, would answer its next writing
    request with 503. The body has ended when as much has come as was announced: the server tells
    the end in a message of its own, and to wait for that one is a tenth of a small request's CPU.
    """

    __slots__ = ("_receive", "_send", "_unread", "answered")

    def __init__(self, receive: Receive, send: Send, *, unread: int) -> None:
        self._receive, self._send, self._unread = receive, send, unread
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and message.get("more_body", False):
            self._unread -= len(message.get("body", b""))
            if self._unread == 0:
                message["more_body"] = False
        else:
            self._unread = 0
        return message

    async def send(self, message: Message) -> None:
        if not self.answered:
            while self._unread != 0:
                await self.receive()
            self.answered = True
        await self._send(message)


def _announced(scope: Scope) -> int:
    if scope["method"] in _BODILESS:
        return 0
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return -1


def answer_to(request: Request, error: Exception) -> Response:
    """The problem of the contract that stands for this error."""
    if isinstance(error, Problem):
        return error.response()
    if isinstance(error, HTTPException) and error.status_code == NotFound.status:
        return NotFound().response()
    if isinstance(error, HTTPException) and error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": ", ".join(_allowed(request))}).response()
    if isinstance(error, DATABASE_ERRORS):
        log.warning("%s %s: %s", request.method, request.url.path, error)
        return DependencyUnavailable().response()
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return InternalError().response()


def _allowed(request: Request) -> list[str]:
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)
