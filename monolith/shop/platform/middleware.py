from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, UnreadablePostError

_CHUNK: Final = 65_536


def drained(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Reads what a refused request left unread.

    The server closes a connection with an unread body, and the gateway, which meant to use it
    again, would answer its next writing request with 503.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        with suppress(UnreadablePostError):  # the client has gone: there is nobody to spare
            while request.read(_CHUNK):
                pass
        return response

    return middleware


def content_length(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Spares every answer the chunked encoding, which the server uses for what has no length."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.NO_CONTENT:
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware
