from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from shop.payments.clients import Acquirer, AcquirerUnavailable, Authorization, Refund
from shop.payments.domain import PaymentStatus
from shop.payments.models import Payment
from shop.payments.selectors import payment_of_account, payment_status
from shop.payments.services import (
    payment_authorize,
    payment_capture,
    payment_open,
    payment_refund,
)
from tests.payments.processor import Processor

pytestmark = pytest.mark.django_db

ACCOUNT = uuid4()
T = TypeVar("T")


class Books(Acquirer):
    """An acquirer whose answers are given, and which can be told to do something meanwhile."""

    def __init__(
        self,
        authorization: Authorization | None = None,
        *,
        captured: bool | None = None,
        taken: bool | None = None,
    ) -> None:
        self._authorization = authorization
        self._captured = captured
        self._refund = None if taken is None else Refund(taken=taken)

    def authorize(self, _reference: UUID, *, amount: int, token: str) -> Authorization:
        self.asked = (amount, token)
        return self._answer(self._authorization)

    def capture(self, _reference: UUID) -> bool:
        return self._answer(self._captured)

    def refund(self, _reference: UUID) -> Refund:
        return self._answer(self._refund)

    def meanwhile(self) -> None:
        """What happens while the answer is on its way."""

    def _answer(self, given: T | None) -> T:
        self.meanwhile()
        if given is None:
            raise AcquirerUnavailable
        return given


def opened(status: PaymentStatus = PaymentStatus.OPEN) -> UUID:
    order_id = uuid4()
    payment_open(order_id=order_id, account_id=ACCOUNT, amount=1999)
    Payment.objects.filter(order_id=order_id).update(status=status)
    return order_id


def visible(order_id: UUID) -> str | None:
    row = payment_of_account(order_id=order_id, account_id=ACCOUNT)
    return row.status if row else None


def test_a_payment_from_end_to_end(processor: Processor) -> None:
    order_id = opened()
    assert visible(order_id) is None
    for _ in range(2):
        status = payment_authorize(order_id=order_id, token="tok_ok")
        assert status is PaymentStatus.AUTHORIZED
    assert visible(order_id) == "authorized"
    for _ in range(2):
        assert payment_capture(order_id=order_id) is PaymentStatus.CAPTURED
    assert visible(order_id) == "captured"
    for _ in range(2):
        assert payment_refund(order_id=order_id) is PaymentStatus.REFUNDED
    assert visible(order_id) == "refunded"
    assert processor.ledger()[str(order_id)]["status"] == "refunded"


def test_a_declined_payment(processor: Processor) -> None:
    order_id = opened()
    status = payment_authorize(order_id=order_id, token="tok_declined")
    assert status is PaymentStatus.DECLINED
    assert payment_capture(order_id=order_id) is PaymentStatus.DECLINED
    assert payment_refund(order_id=order_id) is PaymentStatus.DECLINED
    assert visible(order_id) == "declined"


def test_an_authorisation_without_an_answer_stays_open(processor: Processor) -> None:
    order_id = opened()
    with pytest.raises(AcquirerUnavailable):
        payment_authorize(order_id=order_id, token="tok_error")
    assert payment_status(order_id=order_id) is PaymentStatus.OPEN
    assert payment_refund(order_id=order_id) is PaymentStatus.VOID
    assert visible(order_id) is None
    assert processor.ledger()[str(order_id)]["status"] == "voided"
    assert payment_authorize(order_id=order_id, token="tok_ok") is PaymentStatus.VOID


def test_a_lost_answer_is_refunded_if_money_was_set_aside() -> None:
    order_id = opened()
    books = Books(taken=True)
    with pytest.raises(AcquirerUnavailable):
        payment_authorize(order_id=order_id, token="tok_ok", acquirer=books)
    assert books.asked == (1999, "tok_ok")
    status = payment_refund(order_id=order_id, acquirer=books)
    assert status is PaymentStatus.REFUNDED
    assert visible(order_id) == "refunded"


@pytest.mark.parametrize(
    "status", [PaymentStatus.OPEN, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED]
)
def test_a_refund_without_an_answer_can_be_asked_again(status: PaymentStatus) -> None:
    order_id = opened(status)
    with pytest.raises(AcquirerUnavailable):
        payment_refund(order_id=order_id, acquirer=Books())
    assert payment_status(order_id=order_id) is status


def test_a_refused_capture_changes_nothing() -> None:
    order_id = opened(PaymentStatus.AUTHORIZED)
    status = payment_capture(order_id=order_id, acquirer=Books(captured=False))
    assert status is PaymentStatus.AUTHORIZED


def test_whoever_withdraws_a_payment_says_what_was_taken() -> None:
    """A second attempt can find that recovery has voided what the first one took."""
    order_id = opened()
    overtaken = Books(Authorization.WITHDRAWN)
    status = payment_authorize(order_id=order_id, token="tok_ok", acquirer=overtaken)
    assert status is PaymentStatus.OPEN
    assert payment_refund(order_id=order_id, acquirer=Books(taken=True)) is PaymentStatus.REFUNDED


@pytest.mark.parametrize("final", [PaymentStatus.REFUNDED, PaymentStatus.VOID])
def test_an_answer_that_comes_late_changes_nothing(final: PaymentStatus) -> None:
    class Overtaken(Books):
        def meanwhile(self) -> None:
            Payment.objects.filter(order_id=order_id).update(status=final)

    order_id = opened()
    for late in (Authorization.AUTHORIZED, Authorization.DECLINED, Authorization.WITHDRAWN):
        Payment.objects.filter(order_id=order_id).update(status=PaymentStatus.OPEN)
        status = payment_authorize(order_id=order_id, token="tok_ok", acquirer=Overtaken(late))
        assert status is final
    Payment.objects.filter(order_id=order_id).update(status=PaymentStatus.AUTHORIZED)
    assert payment_capture(order_id=order_id, acquirer=Overtaken(captured=True)) is final
    assert payment_status(order_id=order_id) is final


def test_a_payment_is_seen_by_its_owner_only() -> None:
    order_id = opened(PaymentStatus.CAPTURED)
    assert visible(order_id) == "captured"
    assert payment_of_account(order_id=order_id, account_id=uuid4()) is None
