from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse


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
