"""Routes by table: the same answers as by the router, from fewer questions."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Message, Scope

from kit.paths import Paths


async def _number(request: Request) -> Response:
    return PlainTextResponse(f"number {request.path_params['number']}")


async def _batch(request: Request) -> Response:
    return PlainTextResponse(f"batch {request.path_params} {request.scope['route'].path}")


ROUTES = [
    Route("/things/{number}", _number, methods=["GET", "POST"]),
    Route("/things/batch", _batch, methods=["POST"]),
]


async def answer(method: str, path: str, root: str = "") -> tuple[int, str]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": method, "path": path, "root_path": root}
    scope["headers"] = []
    await Paths(ROUTES, Router(ROUTES, redirect_slashes=False))(scope, receive, send)
    return sent[0]["status"], sent[1]["body"].decode()


async def test_a_path_without_parameters_is_found_whatever_stands_before_it() -> None:
    assert await answer("POST", "/things/batch") == (200, "batch {} /things/batch")


async def test_all_else_is_the_routers() -> None:
    assert await answer("POST", "/things/7") == (200, "number 7")
    assert await answer("GET", "/things/batch") == (200, "number batch")
    assert await answer("DELETE", "/things/batch") == (405, "Method Not Allowed")
    assert await answer("POST", "/things/batch/") == (404, "Not Found")


async def test_an_application_below_a_path_is_the_routers() -> None:
    assert await answer("POST", "/below/things/9", root="/below") == (200, "number 9")
