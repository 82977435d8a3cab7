"""The process may end anywhere: whatever it leaves, recovery settles, and the books agree."""

from itertools import product

import pytest

from shop.orders.errors import IdempotencyKeyInUse
from shop.orders.models import Order
from shop.orders.recovery import orders_recover
from shop.orders.services import order_cancel
from tests.orders.faults import CAPTURE, REFUND, Crash, crashing
from tests.orders.world import World

# What the customer is told who asks again: paid orders are completed, others given up.
ENDS = {
    ("tok_ok", "before authorize"): (503, "payment-unavailable"),
    ("tok_ok", "authorize asked"): (503, "payment-unavailable"),
    ("tok_ok", "after authorize"): (201, None),
    ("tok_ok", "before capture"): (201, None),
    ("tok_ok", "capture asked"): (201, None),
    ("tok_ok", "after capture"): (201, None),
    ("tok_declined", "before authorize"): (503, "payment-unavailable"),
    ("tok_declined", "authorize asked"): (503, "payment-unavailable"),
    ("tok_declined", "after authorize"): (402, "payment-declined"),
    ("tok_error", "before authorize"): (503, "payment-unavailable"),
    ("tok_error", "before refund"): (503, "payment-unavailable"),
    ("tok_error", "refund asked"): (503, "payment-unavailable"),
    ("tok_error", "after refund"): (503, "payment-unavailable"),
}


@pytest.mark.parametrize(("token", "point"), ENDS)
def test_a_crash_while_placing(world: World, token: str, point: str) -> None:
    kettle, mug = world.product(stock=5), world.product(stock=5)
    customer = world.customer({kettle: 2, mug: 1})
    with pytest.raises(Crash):
        world.place(customer, token=token, payments=crashing(point))

    assert orders_recover() == 0, "the lease is not over yet"
    world.expire_leases()
    assert orders_recover() == 1
    assert orders_recover() == 0

    world.audit()
    status, rejection = ENDS[token, point]
    again = world.place(customer, token=token)
    assert (again.status, again.replayed) == (status, True)
    assert Order.objects.get().rejection == rejection
    world.audit()


def test_until_recovery_the_key_is_in_use(world: World) -> None:
    customer = world.customer({world.product(): 1})
    with pytest.raises(Crash):
        world.place(customer, payments=crashing("before capture"))
    with pytest.raises(IdempotencyKeyInUse):
        world.place(customer)


@pytest.mark.parametrize("point", REFUND)
def test_a_crash_while_cancelling(world: World, point: str) -> None:
    customer = world.customer({world.product(stock=3): 3})
    order_id = world.place(customer).order_id
    with pytest.raises(Crash):
        order_cancel(order_id=order_id, account_id=customer, payments=crashing(point))
    world.expire_leases()
    assert orders_recover() == 1
    assert Order.objects.get().status == "cancelled"
    world.audit()


def test_recovery_crashes_too(world: World) -> None:
    """Any crash of a request, then any of the recovery that followed, and of the next one."""
    kettle = world.product()
    given_up = product(["before authorize", "authorize asked"], REFUND, REFUND)
    completed = product(["after authorize", *CAPTURE], CAPTURE, CAPTURE)
    crashes = 0
    for number, (first, *later) in enumerate([*given_up, *completed]):
        customer = world.customer({kettle: 1})
        with pytest.raises(Crash):
            world.place(customer, key=str(number), payments=crashing(first))
        for point in later:
            world.expire_leases()
            try:
                orders_recover(payments=crashing(point))
            except Crash:
                crashes += 1
        world.expire_leases()
        orders_recover()
        assert world.place(customer, key=str(number)).replayed
    assert crashes > 50
    world.audit()
