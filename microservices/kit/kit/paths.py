"""From a request to its route, without asking every route.

FastAPI's router tries one route after the other, each by a regular expression, and prepares for
what no service here has: form limits, included routers, telemetry. Most of what services ask of one
another is a path without parameters, which a table finds.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Paths:
    """ASGI app: routes without parameters in their path are found in a table, whatever comes
    before them; everything else, the lifespan included, is for `router`."""

    def __init__(self, routes: Sequence[BaseRoute], router: ASGIApp) -> None:
        self._router = router
        self._plain = {
            (method, route.path): route
            for route in routes
            if isinstance(route, Route) and not route.param_convertors
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = None
        if scope["type"] == "http" and not scope.get("root_path"):
            route = self._plain.get((scope["method"], scope["path"]))
        if route is None:
            await self._router(scope, receive, send)
            return
        scope["route"], scope["path_params"] = route, {}
        await route.app(scope, receive, send)
