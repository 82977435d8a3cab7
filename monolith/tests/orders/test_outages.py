"""A partner is away: the answer is honest, and what is owed is done once it is back."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from pytest_django import Settings

from shop.inventory.models import Reservation
from shop.inventory.services import reservations_expire
from shop.orders.errors import IdempotencyKeyInUse, OrderUnsettled
from shop.orders.models import Order
from shop.orders.recovery import orders_recover
from shop.orders.services import order_cancel
from shop.payments.clients import AcquirerUnavailable
from tests.orders.faults import Crash, FaultyPayments, crashing, failing
from tests.orders.world import World

NOBODY = "http://127.0.0.1:9"


def recover(world: World, order_id: UUID) -> str:
    world.expire_leases()
    assert orders_recover() == 1
    return Order.objects.get(id=order_id).status


@pytest.mark.parametrize("point", ["before capture", "capture asked"])
def test_an_unknown_capture_is_settled_later(world: World, settings: Settings, point: str) -> None:
    customer = world.customer({world.product(): 1})
    with pytest.raises(OrderUnsettled) as unsettled:
        world.place(customer, payments=failing(point, AcquirerUnavailable()))
    order_id = UUID(unsettled.value.extra["order_id"])
    assert unsettled.value.headers == {"Retry-After": "5"}
    with pytest.raises(IdempotencyKeyInUse):
        world.place(customer)

    settings.ACQUIRER_URL = NOBODY
    assert recover(world, order_id) == "pending"
    settings.ACQUIRER_URL = world.processor.url
    assert recover(world, order_id) == "confirmed"
    assert world.place(customer).status == 201
    world.audit()


@pytest.mark.parametrize("point", ["before refund", "refund asked"])
def test_what_cannot_be_voided_now_is_voided_later(
    world: World, settings: Settings, point: str
) -> None:
    customer = world.customer({world.product(stock=1): 1})
    answer = world.place(
        customer, token="tok_error", payments=failing(point, AcquirerUnavailable())
    )
    assert answer.status == 503
    assert Order.objects.get().refund_pending
    again = world.place(customer, key="again")
    assert again.status == 201, "the stock is free at once"

    settings.ACQUIRER_URL = NOBODY
    recover(world, answer.order_id)
    assert Order.objects.get(id=answer.order_id).refund_pending
    settings.ACQUIRER_URL = world.processor.url
    recover(world, answer.order_id)
    world.audit()


@pytest.mark.parametrize("point", ["before refund", "refund asked"])
def test_a_cancelled_order_is_refunded_later(world: World, point: str) -> None:
    customer = world.customer({world.product(stock=1): 1})
    order_id = world.place(customer).order_id
    order_cancel(
        order_id=order_id,
        account_id=customer,
        payments=failing(point, AcquirerUnavailable()),
    )
    assert recover(world, order_id) == "cancelled"
    world.audit()


def test_an_acquirer_that_is_away_from_the_start(world: World, settings: Settings) -> None:
    customer = world.customer({world.product(): 1})
    settings.ACQUIRER_URL = NOBODY
    answer = world.place(customer)
    assert answer.status == 503
    settings.ACQUIRER_URL = world.processor.url
    recover(world, answer.order_id)
    assert world.place(customer).replayed
    world.audit()


@pytest.mark.parametrize("point", ["after authorize", "before capture", "after capture"])
def test_a_database_that_goes_away_after_the_order_was_made(world: World, point: str) -> None:
    customer = world.customer({world.product(): 1})
    with pytest.raises(OrderUnsettled) as unsettled:
        world.place(customer, payments=failing(point, OperationalError("gone")))
    assert recover(world, UUID(unsettled.value.extra["order_id"])) == "confirmed"
    world.audit()


@pytest.mark.parametrize("point", ["after authorize", "before capture", "after capture"])
def test_a_reservation_that_expired_before_recovery(world: World, point: str) -> None:
    """What is on the shelf again is not sold: unless it had left before, the money goes back."""
    customer = world.customer({world.product(stock=1): 1})
    with pytest.raises(Crash):
        world.place(customer, payments=crashing(point))
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))
    committed = point != "after authorize"
    assert reservations_expire() == (0 if committed else 1)
    order_id = Order.objects.get().id
    assert recover(world, order_id) == ("confirmed" if committed else "rejected")
    world.audit()


def test_one_order_that_cannot_be_settled_does_not_hold_up_the_others(world: World) -> None:
    kettle = world.product()
    for number in range(3):
        with pytest.raises(Crash):
            world.place(
                world.customer({kettle: 1}), key=str(number), payments=crashing("before capture")
            )
    world.expire_leases()
    errors = [AcquirerUnavailable()]

    def fail_once(passed: str) -> None:
        if passed == "before capture" and errors:
            raise errors.pop()

    assert orders_recover(payments=FaultyPayments(fail_once)) == 3
    assert sorted(Order.objects.values_list("status", flat=True)) == [
        "confirmed",
        "confirmed",
        "pending",
    ]
    world.expire_leases()
    orders_recover()
    world.audit()
