"""One door for all services: which of them a path belongs to."""

from collections.abc import Iterable

from fastapi import FastAPI
from kit.direct import DirectRoute
from kit.routing import ApiRoute
from starlette.types import ASGIApp, Receive, Scope, Send


class _Node:
    """What may follow the part of a path that led here."""

    __slots__ = ("any_part", "owner", "parts")

    def __init__(self) -> None:
        self.parts: dict[str, _Node] = {}
        self.any_part: _Node | None = None
        self.owner: ASGIApp | None = None


class Dispatch:
    """An ASGI app that hands each request to the service that has a route of its path.

    The service answers as it would by itself: its state, its error handlers, its 404 and 405.
    What other services ask of it is reachable only where some of those are in other processes
    (`internal`). All else, the lifespan included, is for `rest`.
    """

    def __init__(
        self, services: Iterable[FastAPI], rest: FastAPI, *, internal: bool = False
    ) -> None:
        self.services, self.rest = tuple(services), rest
        self._root = _Node()
        reachable = DirectRoute if internal else ApiRoute
        for service in self.services:
            for route in service.routes:
                if isinstance(route, reachable):
                    _add(self._root, route.path, service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owner = self.owner(scope["path"]) if scope["type"] == "http" else None
        await (owner or self.rest)(scope, receive, send)

    def owner(self, path: str) -> ASGIApp | None:
        """The service that has this path, if any."""
        node = self._root
        for part in path.split("/"):
            known = node.parts.get(part) or (node.any_part if part else None)
            if known is None:
                return None
            node = known
        return node.owner


def _add(root: _Node, path: str, service: ASGIApp) -> None:
    node = root
    for part in path.split("/"):
        if part.startswith("{"):
            node.any_part = node = node.any_part or _Node()
        else:
            node = node.parts.setdefault(part, _Node())
    if node.owner not in (None, service):
        raise ValueError(f"two services answer {path}")
    node.owner = service
