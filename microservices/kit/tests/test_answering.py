from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.answering import Answering


async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def read_whole(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await refuse(_scope, receive, send)


def scope(method: str, announced: int | None = None) -> Scope:
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    return {"type": "http", "method": method, "path": "/", "headers": headers}


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

    await Answering(app)(scope("PUT"), receive, send)
    assert unread_at_answer == [0]
    assert sent == ["http.response.start", "http.response.body"]


async def test_a_client_that_leaves_ends_the_reading() -> None:
    sent: list[str] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await Answering(refuse)(scope("POST"), receive, send)
    assert len(sent) == 2


async def test_reading_requests_are_left_alone() -> None:
    sent: list[str] = []

    async def receive() -> Message:
        raise AssertionError("a GET was asked for its body")

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await Answering(refuse)(scope("GET"), receive, send)
    assert len(sent) == 2


@pytest.mark.parametrize("app", [refuse, read_whole])
async def test_the_end_of_an_announced_body_is_not_waited_for(app: ASGIApp) -> None:
    body = iter([{"type": "http.request", "body": b"xx", "more_body": True} for _ in range(3)])
    sent: list[str] = []

    async def receive() -> Message:
        return next(body)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await Answering(app)(scope("PUT", announced=4), receive, send)
    assert len(list(body)) == 1
    assert sent == ["http.response.start", "http.response.body"]


async def test_an_error_in_the_middle_of_an_answer_is_not_answered_again() -> None:
    sent: list[str] = []

    async def break_off(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError("a bug")

    async def receive() -> Message:
        raise AssertionError("a GET was asked for its body")

    async def send(message: Message) -> None:
        sent.append(message["type"])

    with pytest.raises(LookupError, match="a bug"):
        await Answering(break_off)(scope("GET"), receive, send)
    assert sent == ["http.response.start"]
