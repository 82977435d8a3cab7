"""The process dies at every edge of every call; recovery then completes or compensates."""

from itertools import product
from uuid import UUID

import pytest
from audit import audit, recover, rows
from fakes import Crash, Edge, World
from steps import place

from orders.errors import IdempotencyKeyInUse
from orders.recovery import orders_recover
from orders.saga import Saga
from orders.services import order_cancel

FORWARD = [
    ("inventory.reserve", Edge.BEFORE, "rejected"),
    ("inventory.reserve", Edge.AFTER, "rejected"),
    ("payments.authorize", Edge.BEFORE, "rejected"),
    ("payments.authorize", Edge.AFTER, "confirmed"),
    ("inventory.commit", Edge.BEFORE, "confirmed"),
    ("inventory.commit", Edge.AFTER, "confirmed"),
    ("payments.capture", Edge.BEFORE, "confirmed"),
    ("payments.capture", Edge.AFTER, "confirmed"),
    ("cart.clear", Edge.BEFORE, "confirmed"),
    ("cart.clear", Edge.AFTER, "confirmed"),
]


@pytest.mark.parametrize("case", FORWARD)
async def test_a_crash_while_placing(
    saga: Saga, world: World, ada: UUID, case: tuple[str, Edge, str]
) -> None:
    call, edge, outcome = case
    world.fail_once(call, edge, Crash)
    with pytest.raises(Crash):
        await place(saga, ada)
    with pytest.raises(IdempotencyKeyInUse):
        await place(saga, ada)

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == outcome
    assert bool(world.cart.lines(ada)) == (outcome == "rejected")
    answer = await place(saga, ada)
    assert answer.replayed
    assert (answer.status, answer.order_id) == (201 if outcome == "confirmed" else 503, order.id)


@pytest.mark.parametrize("card", ["tok_declined", "tok_error", "tok_timeout"])
@pytest.mark.parametrize(
    "fault", list(product(["payments.authorize", "payments.refund", "inventory.release"], Edge))
)
async def test_a_crash_while_rejecting(
    saga: Saga, world: World, ada: UUID, fault: tuple[str, Edge], card: str
) -> None:
    world.fail_once(*fault, Crash)
    with pytest.raises(Crash):
        await place(saga, ada, card=card)

    await recover(saga)

    [order] = await audit(saga.database, world)
    captured = card == "tok_timeout" and fault == ("payments.authorize", Edge.AFTER)
    assert order.status == ("confirmed" if captured else "rejected")


@pytest.mark.parametrize("case", FORWARD)
@pytest.mark.parametrize("second", [(call, edge) for call, edge, _ in FORWARD])
async def test_recovery_crashes_too(
    saga: Saga, world: World, ada: UUID, case: tuple[str, Edge, str], second: tuple[str, Edge]
) -> None:
    call, edge, outcome = case
    world.fail_once(call, edge, Crash)
    with pytest.raises(Crash):
        await place(saga, ada)
    world.fail_once(*second, Crash)
    world.fail_once("payments.refund", Edge.AFTER, Crash)
    for _ in range(4):
        try:
            await recover(saga)
        except Crash:
            continue
    world.bring_up()
    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == outcome


@pytest.mark.parametrize("call", ["cart.snapshot", "catalog.products"])
@pytest.mark.parametrize("edge", list(Edge))
async def test_a_crash_before_there_is_an_order_frees_the_key_in_time(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    world.fail_once(call, edge, Crash)
    with pytest.raises(Crash):
        await place(saga, ada)
    with pytest.raises(IdempotencyKeyInUse):
        await place(saga, ada)

    await recover(saga)

    answer = await place(saga, ada)
    assert (answer.status, answer.replayed) == (201, False)
    await audit(saga.database, world)


@pytest.mark.parametrize("call", ["payments.refund", "inventory.release"])
@pytest.mark.parametrize("edge", list(Edge))
async def test_a_crash_while_cancelling(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    order_id = (await place(saga, ada)).order_id
    assert order_id is not None
    world.fail_once(call, edge, Crash)
    with pytest.raises(Crash):
        await order_cancel(saga, account_id=ada, order_id=order_id)

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == "cancelled"


async def test_recovery_leaves_alone_what_is_leased(saga: Saga, world: World, ada: UUID) -> None:
    world.fail_once("payments.capture", Edge.BEFORE, Crash)
    with pytest.raises(Crash):
        await place(saga, ada)

    assert await orders_recover(saga) == 0
    [order] = await rows(saga.database, "SELECT status FROM orders")
    assert order.status == "pending"
