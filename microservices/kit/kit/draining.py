"""Reads what a refused request left unread, before it is answered.

The server closes a connection with an unread body, and the gateway, which meant to use it again,
would answer its next writing request with 503.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Draining:
    """ASGI middleware around an application that may answer before it has read the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _BODILESS:
            await self._app(scope, receive, send)
            return
        read = False

        async def tracked() -> Message:
            nonlocal read
            message = await receive()
            read = not (message["type"] == "http.request" and message.get("more_body", False))
            return message

        async def drained(message: Message) -> None:
            while not read and message["type"] == "http.response.start":
                await tracked()
            await send(message)

        await self._app(scope, tracked, drained)
