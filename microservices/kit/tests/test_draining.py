from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.draining import Draining


async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def read_whole(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await refuse(_scope, receive, send)


def parts(count: int) -> Iterator[Message]:
    for number in range(count):
        yield {"type": "http.request", "body": b"x", "more_body": number + 1 < count}


@pytest.mark.parametrize("app", [refuse, read_whole])
@pytest.mark.parametrize("count", [1, 3])
async def test_the_body_is_read_once_and_wholly_before_the_answer(app: ASGIApp, count: int) -> None:
    body = parts(count)
    unread_at_answer: list[int] = []
    sent: list[str] = []

    async def receive() -> Message:
        return next(body)

    async def send(message: Message) -> None:
        if not sent:
            unread_at_answer.append(len(list(body)))
        sent.append(message["type"])

    await Draining(app)({"type": "http", "method": "PUT"}, receive, send)
    assert unread_at_answer == [0]
    assert sent == ["http.response.start", "http.response.body"]


async def test_a_client_that_leaves_ends_the_reading() -> None:
    sent: list[str] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await Draining(refuse)({"type": "http", "method": "POST"}, receive, send)
    assert len(sent) == 2


async def test_reading_requests_are_left_alone() -> None:
    sent: list[str] = []

    async def receive() -> Message:
        raise AssertionError("a GET was asked for its body")

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await Draining(refuse)({"type": "http", "method": "GET"}, receive, send)
    assert len(sent) == 2
