"""A call whose answer is lost, whether or not it had its effect; and services that are down."""

import asyncio
from itertools import product
from uuid import UUID

import pytest
from audit import audit, cut_connections, recover, rows
from fakes import LAMP, STOCK, Edge, Stall, World
from kit.errors import DependencyUnavailable
from steps import place

from orders.errors import IdempotencyKeyInUse, OrderUnsettled
from orders.saga import Saga
from orders.services import order_cancel, order_ship


@pytest.mark.parametrize("call", ["inventory.reserve", "payments.authorize"])
@pytest.mark.parametrize("edge", list(Edge))
async def test_unknown_before_the_money_is_sure_is_a_rejection(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    world.fail_once(call, edge, DependencyUnavailable)

    answer = await place(saga, ada)

    assert answer.status == 503
    assert b"payment-unavailable" in answer.body
    [order] = await audit(saga.database, world)
    assert order.status == "rejected"
    assert world.cart.lines(ada)
    assert (await place(saga, ada)).replayed


@pytest.mark.parametrize("call", ["inventory.commit", "payments.capture"])
@pytest.mark.parametrize("edge", list(Edge))
async def test_unknown_afterwards_is_settled_by_recovery(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    world.fail_once(call, edge, DependencyUnavailable)
    with pytest.raises(OrderUnsettled) as unsettled:
        await place(saga, ada)
    with pytest.raises(IdempotencyKeyInUse):
        await place(saga, ada)

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert unsettled.value.extra == {"order_id": str(order.id)}
    assert order.status == "confirmed"
    answer = await place(saga, ada)
    assert (answer.status, answer.replayed) == (201, True)


@pytest.mark.parametrize("edge", list(Edge))
async def test_a_cart_that_cannot_be_cleared_does_not_hold_up_the_order(
    saga: Saga, world: World, ada: UUID, edge: Edge
) -> None:
    world.fail_once("cart.clear", edge, DependencyUnavailable)

    assert (await place(saga, ada)).status == 201

    await recover(saga)
    await audit(saga.database, world)
    assert not world.cart.lines(ada)


async def test_a_cart_changed_meanwhile_is_kept(saga: Saga, world: World, ada: UUID) -> None:
    world.fail_once("cart.clear", Edge.BEFORE, DependencyUnavailable)
    await place(saga, ada)
    world.cart.fill(ada, {LAMP: 7})

    await recover(saga)

    await audit(saga.database, world)
    assert [line.quantity for line in world.cart.lines(ada)] == [7]


@pytest.mark.parametrize("call", ["cart.snapshot", "catalog.products"])
async def test_nothing_is_kept_when_the_cart_cannot_be_read(
    saga: Saga, world: World, ada: UUID, call: str
) -> None:
    world.fail_once(call, Edge.BEFORE, DependencyUnavailable)
    with pytest.raises(DependencyUnavailable):
        await place(saga, ada)
    assert not await rows(saga.database, "SELECT 1 FROM idempotency_keys")

    assert (await place(saga, ada)).status == 201


@pytest.mark.parametrize("card", ["tok_declined", "tok_error", "tok_timeout"])
@pytest.mark.parametrize("fault", list(product(["payments.refund", "inventory.release"], Edge)))
async def test_a_rejection_is_final_even_when_it_cannot_be_undone_yet(
    saga: Saga, world: World, ada: UUID, fault: tuple[str, Edge], card: str
) -> None:
    world.fail_once(*fault, DependencyUnavailable)

    answer = await place(saga, ada, card=card)

    assert answer.status == (402 if card == "tok_declined" else 503)
    await recover(saga)
    [order] = await audit(saga.database, world)
    assert order.status == "rejected"


@pytest.mark.parametrize("services", [["payments"], ["inventory"], ["payments", "inventory"]])
async def test_a_cancellation_is_final_even_when_it_cannot_be_undone_yet(
    saga: Saga, world: World, ada: UUID, services: list[str]
) -> None:
    order_id = (await place(saga, ada)).order_id
    assert order_id is not None
    world.take_down(*services)
    order = await order_cancel(saga, account_id=ada, order_id=order_id)
    assert order.status == "cancelled"
    await recover(saga)

    world.bring_up()
    await recover(saga)

    await audit(saga.database, world)
    assert world.inventory.on_hand[LAMP] == STOCK


@pytest.mark.parametrize("services", [["payments"], ["inventory"], ["cart"], ["catalog"]])
async def test_an_outage_of_any_length(
    saga: Saga, world: World, ada: UUID, services: list[str]
) -> None:
    world.fail_once("payments.capture", Edge.AFTER, DependencyUnavailable)
    with pytest.raises(OrderUnsettled):
        await place(saga, ada)
    world.take_down(*services)
    for _ in range(3):
        await recover(saga)
    world.bring_up()
    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == "confirmed"


@pytest.mark.parametrize("call", ["inventory.reserve", "payments.authorize", "payments.capture"])
async def test_the_services_own_database_is_lost(
    saga: Saga, world: World, ada: UUID, call: str
) -> None:
    stall = Stall()
    world.fail_once(call, Edge.AFTER, stall)
    request = asyncio.create_task(place(saga, ada))
    await stall.reached.wait()
    await cut_connections(saga.database)
    stall.go_on.set()
    with pytest.raises(OrderUnsettled):
        await request

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == ("rejected" if call == "inventory.reserve" else "confirmed")


async def test_a_reservation_that_expired_is_never_sold(
    saga: Saga, world: World, ada: UUID
) -> None:
    world.fail_once("inventory.commit", Edge.BEFORE, DependencyUnavailable)
    with pytest.raises(OrderUnsettled):
        await place(saga, ada)
    [order] = await rows(saga.database, "SELECT id FROM orders")
    world.inventory.expire(order.id)

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert (order.status, order.rejection) == ("rejected", "payment-unavailable")


async def test_a_shipped_order_can_still_owe_its_cart(saga: Saga, world: World, ada: UUID) -> None:
    world.fail_once("cart.clear", Edge.BEFORE, DependencyUnavailable)
    order_id = (await place(saga, ada)).order_id
    assert order_id is not None
    await order_ship(saga.database, order_id=order_id)

    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == "shipped"
    assert not world.cart.lines(ada)
