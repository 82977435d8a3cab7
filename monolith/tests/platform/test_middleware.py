from io import BytesIO

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from shop.platform.middleware import drained


def request_with(body: BytesIO) -> WSGIRequest:
    size = len(body.getvalue())
    return WSGIRequest(
        {"REQUEST_METHOD": "PUT", "PATH_INFO": "/", "CONTENT_LENGTH": size, "wsgi.input": body}
    )


def refuse(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=401)


def read_whole(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


def test_a_refused_request_is_read_to_its_end() -> None:
    body = BytesIO(b"x" * 200_000)
    assert drained(refuse)(request_with(body)).status_code == 401
    assert body.tell() == 200_000


def test_a_request_that_was_read_is_answered_as_ever() -> None:
    body = BytesIO(b"payload")
    assert drained(read_whole)(request_with(body)).content == b"payload"
