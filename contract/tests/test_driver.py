"""Options, callers, and what counts as the problem asked for."""

from collections.abc import Iterator

import httpx
import pytest

from driver.arms import Arm, parse_arm
from driver.http import Caller
from driver.problems import PROBLEM, expect_errors, expect_invalid, expect_problem, problems
from driver.shop import eventually
from tests.answers import answer


def test_an_arm_is_a_name_and_an_address() -> None:
    expected = Arm("monolith", "http://127.0.0.1:8001")
    assert parse_arm(" monolith=http://127.0.0.1:8001/ ") == expected


@pytest.mark.parametrize(
    "text", ["", "monolith", "http://x", "=http://x", "a=ftp://x", "a=http://"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not NAME="):
        parse_arm(text)


@pytest.fixture
def seen() -> list[httpx.Request]:
    return []


@pytest.fixture
def caller(seen: list[httpx.Request]) -> Iterator[Caller]:
    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True})

    transport = httpx.MockTransport(respond)
    with httpx.Client(base_url="http://arm", transport=transport) as client:
        yield Caller(client)


def test_calls_go_out_as_written(caller: Caller, seen: list[httpx.Request]) -> None:
    told = caller.bearing("t").call(
        "PUT", "/cart/items/%00", json=None, params=[("a", "1"), ("a", "ü")]
    )
    assert told.body == {"ok": True}
    (request,) = seen
    assert request.url.raw_path == b"/api/v1/cart/items/%00?a=1&a=%C3%BC"
    assert request.content == b"null"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer t"


def test_raw_content_has_no_type_of_its_own(caller: Caller, seen: list[httpx.Request]) -> None:
    caller.call("POST", "/orders", content=b"{")
    assert "Content-Type" not in seen[0].headers
    assert "Authorization" not in seen[0].headers


def test_the_problem_itself_passes() -> None:
    body = problems()["out-of-stock"].body(products=[1], order_id="x")
    expect_problem(answer(409, body, PROBLEM), "out-of-stock", products=[1], order_id="x")
    errors = [{"field": "price.amount", "message": "is required"}]
    body = problems()["validation-failed"].body(errors=errors)
    expect_invalid(answer(422, body, PROBLEM), price__amount="is required")


def test_anything_else_does_not() -> None:
    body = problems()["not-found"].body()
    other = body | {"detail": "There is no such resource"}
    for wrong in (
        answer(410, body, PROBLEM),
        answer(404, body),
        answer(404, other, PROBLEM),
        answer(404, body | {"order_id": "x"}, PROBLEM),
    ):
        with pytest.raises(AssertionError):
            expect_problem(wrong, "not-found")
    with pytest.raises(AssertionError, match="WWW-Authenticate"):
        expect_problem(
            answer(401, problems()["unauthenticated"].body(), PROBLEM), "unauthenticated"
        )
    unsettled = problems()["order-unsettled"].body(order_id="x")
    with pytest.raises(AssertionError, match="Retry-After"):
        expect_problem(answer(503, unsettled, PROBLEM, Retry_After="1"), "order-unsettled")


def test_order_and_number_of_errors_count() -> None:
    errors = [{"field": "b", "message": "x"}, {"field": "a", "message": "x"}]
    body = problems()["validation-failed"].body(errors=errors)
    with pytest.raises(AssertionError):
        expect_errors(answer(422, body, PROBLEM), [("a", "x"), ("b", "x")])
    with pytest.raises(AssertionError):
        expect_errors(answer(422, body, PROBLEM), [("b", "x")])


def test_eventually_returns_the_first_good_or_the_last() -> None:
    numbers = iter(range(100))
    assert eventually(lambda: next(numbers), lambda seen: seen == 3, 5) == 3
    assert eventually(lambda: 7, lambda seen: seen == 8, 0) == 7
