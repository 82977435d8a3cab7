"""Real threads, real transactions: what happens at once must end as if one came after the other."""

from functools import partial
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest

from shop.cart.selectors import cart_snapshot
from shop.cart.services import cart_line_set
from shop.orders.errors import IdempotencyKeyInUse, OrderNotConfirmed
from shop.orders.models import Order
from shop.orders.recovery import orders_recover
from shop.orders.services import order_cancel, order_ship
from tests.orders.faults import AUTHORIZE, CAPTURE, REFUND, Stalling
from tests.orders.world import APPROVED, World, at_once


def test_the_same_key_many_times_at_once(world: World) -> None:
    customer = world.customer({world.product(stock=100): 1})
    together = Barrier(6)

    def place() -> int:
        together.wait(timeout=10)
        return world.place(customer, token="tok_slow").status

    outcomes = at_once(*[place] * 6)
    in_use = [future for future in outcomes if isinstance(future.exception(), IdempotencyKeyInUse)]
    assert len(in_use) == 5
    assert [future.result() for future in outcomes if future not in in_use] == [201]
    assert world.place(customer, token="tok_slow").replayed
    assert Order.objects.count() == 1
    world.audit()


def test_two_customers_race_for_the_last_unit(world: World) -> None:
    last = world.product(stock=1)
    customers = [world.customer({last: 1}) for _ in range(2)]
    together = Barrier(2)

    def place(customer: UUID) -> int:
        together.wait(timeout=10)
        return world.place(customer).status

    outcomes = at_once(*[partial(place, customer) for customer in customers])
    assert sorted(future.result() for future in outcomes) == [201, 409]
    world.audit()


def test_carts_in_opposite_order_do_not_deadlock(world: World) -> None:
    first, second = world.product(stock=20), world.product(stock=20)
    carts = [{first: 1, second: 2}, {second: 1, first: 2}] * 4
    customers = [world.customer(cart) for cart in carts]

    def shop(customer: UUID, cart: dict[int, int]) -> list[int]:
        statuses = []
        for number in range(4):
            statuses.append(world.place(customer, key=str(number)).status)
            for product_id, quantity in cart.items():
                cart_line_set(account_id=customer, product_id=product_id, quantity=quantity)
        return statuses

    outcomes = at_once(
        *[partial(shop, customer, cart) for customer, cart in zip(customers, carts, strict=True)]
    )
    statuses = [status for future in outcomes for status in future.result()]
    assert set(statuses) == {201, 409}
    assert statuses.count(201) >= 10
    world.audit()


def test_a_cart_changed_meanwhile_is_kept(world: World) -> None:
    kettle, mug = world.product(), world.product()
    customer = world.customer({kettle: 1})
    payments = Stalling("before capture")
    thread, outcome = start(world, customer, payments)
    cart_line_set(account_id=customer, product_id=mug, quantity=3)
    payments.wake.set()
    thread.join(timeout=20)
    assert outcome[0].status == 201
    items = cart_snapshot(account_id=customer).items
    assert [(item.product_id, item.quantity) for item in items] == [(kettle, 1), (mug, 3)]
    world.audit()


@pytest.mark.parametrize(
    ("token", "point"),
    [
        *[("tok_ok", point) for point in (*AUTHORIZE, *CAPTURE)],
        *[("tok_declined", point) for point in AUTHORIZE],
        *[("tok_error", point) for point in ("before authorize", *REFUND)],
    ],
)
def test_a_request_that_wakes_up_after_recovery(world: World, token: str, point: str) -> None:
    customer = world.customer({world.product(stock=4): 2})
    payments = Stalling(point)
    thread, outcome = start(world, customer, payments, token)

    world.expire_leases()
    assert orders_recover() == 1
    world.audit()
    settled = world.place(customer, token=token)
    assert settled.replayed

    payments.wake.set()
    thread.join(timeout=20)
    assert (outcome[0].status, outcome[0].body) == (settled.status, settled.body)
    world.audit()


@pytest.mark.parametrize("point", [*CAPTURE, *REFUND])
def test_a_recovery_that_wakes_up_after_another(world: World, point: str) -> None:
    customer = world.customer({world.product(stock=4): 2})
    begun = Stalling("after authorize" if point in CAPTURE else "authorize asked")
    request, outcome = start(world, customer, begun)
    world.expire_leases()
    slow = Stalling(point)
    recovery = Thread(target=at_once, args=[partial(orders_recover, payments=slow)])
    recovery.start()
    assert slow.stalled.wait(timeout=20)

    begun.wake.set()
    request.join(timeout=20)
    world.expire_leases()
    orders_recover()
    world.audit()

    slow.wake.set()
    recovery.join(timeout=20)
    world.audit()
    assert world.place(customer).body == outcome[0].body


def test_cancelling_and_shipping_at_once(world: World) -> None:
    kettle = world.product(stock=100)
    for number in range(10):
        customer = world.customer({kettle: 1})
        order_id = world.place(customer, key=str(number)).order_id
        outcomes = at_once(
            partial(order_cancel, order_id=order_id, account_id=customer),
            partial(order_cancel, order_id=order_id, account_id=customer),
            partial(order_ship, order_id=order_id),
        )
        losers = [future.exception() for future in outcomes if future.exception()]
        assert [type(loser) for loser in losers] == [OrderNotConfirmed] * 2
    world.audit()


def start(
    world: World, customer: UUID, payments: Stalling, token: str = APPROVED
) -> tuple[Thread, list[Any]]:
    """Place an order in a thread, up to where it stalls; its answer will be in the list."""
    outcome: list[Any] = []

    def place() -> None:
        (future,) = at_once(partial(world.place, customer, token=token, payments=payments))
        outcome.append(future.result())

    thread = Thread(target=place)
    thread.start()
    assert payments.stalled.wait(timeout=20)
    return thread, outcome
