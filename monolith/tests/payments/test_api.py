from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.payments.models import Payment
from tests.cart.caller import Caller, problem

pytestmark = pytest.mark.django_db


def pay(caller: Caller, status: str) -> Payment:
    return Payment.objects.create(
        order_id=uuid4(), account_id=caller.account_id, amount=1999, status=status
    )


@pytest.mark.parametrize("status", ["authorized", "captured", "refunded", "declined"])
def test_a_payment(status: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    caller = Caller()
    payment = pay(caller, status)
    with django_assert_num_queries(1):
        response = caller.get(f"/payments/{payment.order_id}")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    assert body.pop("created_at") <= body.pop("updated_at")
    assert body == {
        "order_id": str(payment.order_id),
        "amount": {"amount": 1999, "currency": "EUR"},
        "status": status,
    }


@pytest.mark.parametrize("status", ["open", "void"])
def test_a_payment_that_took_nothing_is_not_shown(status: str) -> None:
    caller = Caller()
    payment = pay(caller, status)
    assert problem(caller.get(f"/payments/{payment.order_id}")) == (404, "not-found")


def test_payments_of_others_and_of_nothing() -> None:
    payment = pay(Caller(), "captured")
    for order_id in (payment.order_id, uuid4(), "x"):
        for caller in (Caller(), Caller(role="staff")):
            assert problem(caller.get(f"/payments/{order_id}")) == (404, "not-found")
