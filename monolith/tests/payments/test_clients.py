import time
from uuid import uuid4

import pytest

from shop.payments.clients import ATTEMPTS, AcquirerUnavailable, Authorization, HttpAcquirer
from tests.payments.processor import Processor
from tests.payments.scripted import (
    Reply,
    answer,
    cut,
    dribble,
    dribble_head,
    hang,
    hang_up,
    scripted,
)

AUTHORIZED = {"status": "authorized", "token": "tok_ok"}


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("tok_ok", Authorization.AUTHORIZED),
        ("tok_declined", Authorization.DECLINED),
        ("tok_of_nobody", Authorization.DECLINED),
    ],
)
def test_the_token_decides(processor: Processor, token: str, expected: Authorization) -> None:
    reference = uuid4()
    assert HttpAcquirer(processor.url).authorize(reference, amount=1999, token=token) is expected
    booked = processor.ledger()[str(reference)]
    assert booked["amount"] == {"amount": 1999, "currency": "EUR"}
    assert booked["token"] == token


def test_every_operation_can_be_repeated(processor: Processor) -> None:
    acquirer, reference = HttpAcquirer(processor.url), uuid4()
    for _ in range(2):
        authorization = acquirer.authorize(reference, amount=5, token="tok_ok")
        assert authorization is Authorization.AUTHORIZED
    for _ in range(2):
        assert acquirer.capture(reference)
    assert acquirer.authorize(reference, amount=5, token="tok_ok") is Authorization.AUTHORIZED
    for _ in range(2):
        assert acquirer.refund(reference).taken
    assert processor.ledger()[str(reference)]["status"] == "refunded"


def test_an_authorisation_that_was_voided_takes_nothing(processor: Processor) -> None:
    acquirer, reference = HttpAcquirer(processor.url), uuid4()
    acquirer.authorize(reference, amount=5, token="tok_ok")
    assert acquirer.refund(reference).taken
    assert not acquirer.capture(reference)
    assert processor.ledger()[str(reference)]["status"] == "voided"


def test_a_tombstone_bars_an_authorisation_that_comes_late(processor: Processor) -> None:
    acquirer, reference = HttpAcquirer(processor.url), uuid4()
    assert not acquirer.refund(reference).taken
    assert acquirer.authorize(reference, amount=5, token="tok_ok") is Authorization.WITHDRAWN


def test_of_a_declined_card_nothing_is_taken(processor: Processor) -> None:
    acquirer, reference = HttpAcquirer(processor.url), uuid4()
    acquirer.authorize(reference, amount=5, token="tok_declined")
    assert not acquirer.refund(reference).taken


@pytest.mark.parametrize(
    "failure", [answer(500), answer(503), answer(200, b"<html>"), hang_up, hang]
)
def test_a_failure_is_tried_once_more(failure: Reply) -> None:
    with scripted(failure, answer(201, AUTHORIZED)) as server:
        acquirer = HttpAcquirer(server.url, attempt_seconds=0.3)
        reference = uuid4()
        authorization = acquirer.authorize(reference, amount=7, token="tok_ok")
    assert authorization is Authorization.AUTHORIZED
    assert len(server.requests) == 2
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize("failure", [answer(500), hang_up, hang])
def test_two_failures_are_enough(failure: Reply) -> None:
    with scripted(failure, failure, answer(201, AUTHORIZED)) as server:
        acquirer = HttpAcquirer(server.url, attempt_seconds=0.3)
        with pytest.raises(AcquirerUnavailable):
            acquirer.authorize(uuid4(), amount=7, token="tok_ok")
    assert len(server.requests) == 2


@pytest.mark.parametrize("failure", [hang, cut, dribble, dribble_head])
def test_no_call_outlives_its_deadline(failure: Reply) -> None:
    seconds, outlived = 0.2, float("inf")
    # A busy machine may hold up any one of them.
    for _ in range(3):
        with scripted(failure, failure) as server:
            acquirer = HttpAcquirer(server.url, attempt_seconds=seconds)
            began = time.monotonic()
            with pytest.raises(AcquirerUnavailable):
                acquirer.capture(uuid4())
            outlived = min(outlived, time.monotonic() - began - ATTEMPTS * seconds)
        if outlived <= 0.25:
            return
    pytest.fail(f"outlived by {outlived:.2f} s")


def test_a_refusal_is_not_tried_again() -> None:
    refusal, success = answer(422, {}), answer(201, AUTHORIZED)
    with scripted(refusal, success) as server, pytest.raises(AcquirerUnavailable):
        HttpAcquirer(server.url).authorize(uuid4(), amount=7, token="tok_ok")
    assert len(server.requests) == 1


def test_nobody_there() -> None:
    with scripted() as server:
        url = server.url
    with pytest.raises(AcquirerUnavailable):
        HttpAcquirer(url).capture(uuid4())


def test_connections_are_kept() -> None:
    replies = [answer(200, {"status": "captured", "token": "tok_ok"})] * 5
    with scripted(*replies) as server:
        acquirer = HttpAcquirer(server.url)
        assert all(acquirer.capture(uuid4()) for _ in range(5))
    assert len(server.peers) == 1
