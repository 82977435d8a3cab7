"""The same key at once, and requests that stall and wake up after recovery has taken over."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any
from uuid import UUID, uuid4

import pytest
from audit import audit, expire_leases, recover, rows
from fakes import DESK, LAMP, Crash, Edge, Stall, World
from kit.errors import DependencyUnavailable, Problem
from steps import place

from orders.errors import IdempotencyKeyInUse, OrderNotConfirmed
from orders.idempotency import Answer
from orders.recovery import orders_recover
from orders.saga import Saga
from orders.services import order_cancel, order_ship

CALLS = [
    "inventory.reserve",
    "payments.authorize",
    "inventory.commit",
    "payments.capture",
    "cart.clear",
]


async def test_the_same_key_at_once_makes_one_order(saga: Saga, world: World, ada: UUID) -> None:
    outcomes = await asyncio.gather(*(place(saga, ada) for _ in range(20)), return_exceptions=True)

    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, IdempotencyKeyInUse)]
    assert len(answers) + len(refusals) == 20
    assert sum(not answer.replayed for answer in answers) == 1
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    [order] = await audit(saga.database, world)
    assert order.status == "confirmed"


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("call", CALLS)
async def test_a_request_that_wakes_after_recovery_does_no_harm(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    stall = Stall()
    world.fail_once(call, edge, stall)
    request = asyncio.create_task(place(saga, ada))
    await stall.reached.wait()

    await recover(saga)
    settled = await audit(saga.database, world)
    stall.go_on.set()
    answer = await request

    assert await audit(saga.database, world) == settled
    [order] = settled
    assert answer.order_id == order.id
    assert answer.status == (201 if order.status == "confirmed" else 503)
    replay = await place(saga, ada)
    assert (replay.status, replay.body) == (answer.status, answer.body)


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("call", CALLS[2:])
async def test_a_request_that_wakes_while_recovery_is_at_work(
    saga: Saga, world: World, ada: UUID, call: str, edge: Edge
) -> None:
    first, second = Stall(), Stall()
    world.fail_once(call, edge, first)
    request = asyncio.create_task(place(saga, ada))
    await first.reached.wait()
    world.fail_once(call, edge, second)
    recovery = asyncio.create_task(recover(saga))
    await second.reached.wait()

    first.go_on.set()
    answer = await request
    second.go_on.set()
    await recovery

    await audit(saga.database, world)
    assert answer.status == 201
    assert world.payments.captures == 1


@pytest.mark.parametrize("fault", [None, DependencyUnavailable])
async def test_a_request_that_wakes_after_another_has_taken_its_key(
    saga: Saga, world: World, ada: UUID, fault: type[Exception] | None
) -> None:
    stall = Stall()
    world.fail_once("catalog.products", Edge.BEFORE, stall)
    request = asyncio.create_task(place(saga, ada))
    await stall.reached.wait()
    await expire_leases(saga.database)

    answer = await place(saga, ada)
    if fault is not None:
        world.fail_once("catalog.products", Edge.AFTER, fault)
    stall.go_on.set()
    with pytest.raises((IdempotencyKeyInUse, DependencyUnavailable)):
        await request

    assert answer.status == 201
    assert len(await audit(saga.database, world)) == 1
    assert (await place(saga, ada)).body == answer.body


@pytest.mark.parametrize("edge", list(Edge))
async def test_recovery_that_wakes_after_another_recovery_does_no_harm(
    saga: Saga, world: World, ada: UUID, edge: Edge
) -> None:
    world.fail_once("payments.authorize", Edge.AFTER, Crash)
    with pytest.raises(Crash):
        await place(saga, ada)
    stall = Stall()
    world.fail_once("inventory.commit", edge, stall)
    first = asyncio.create_task(recover(saga))
    await stall.reached.wait()

    await recover(saga)
    stall.go_on.set()
    await first

    [order] = await audit(saga.database, world)
    assert order.status == "confirmed"
    assert world.payments.captures == 1


async def test_clearing_a_cart_does_not_settle_the_cancellation_that_came_meanwhile(
    saga: Saga, world: World, ada: UUID
) -> None:
    world.fail_once("cart.clear", Edge.BEFORE, DependencyUnavailable)
    order_id = (await place(saga, ada)).order_id
    assert order_id is not None
    stall = Stall()
    world.fail_once("cart.clear", Edge.BEFORE, stall)
    recovery = asyncio.create_task(recover(saga))
    await stall.reached.wait()
    world.take_down("payments")
    await order_cancel(saga, account_id=ada, order_id=order_id)
    stall.go_on.set()
    await recovery

    world.bring_up()
    await recover(saga)

    [order] = await audit(saga.database, world)
    assert order.status == "cancelled"


async def test_recoveries_share_the_work(saga: Saga, world: World) -> None:
    world.take_down("inventory")
    for _ in range(30):
        account_id = uuid4()
        world.cart.fill(account_id, {LAMP: 1})
        assert (await place(saga, account_id)).status == 503
    world.bring_up()
    world.calls.clear()
    await expire_leases(saga.database)

    counts = await asyncio.gather(*(orders_recover(saga, batch=4) for _ in range(4)))

    assert sum(counts) == 30
    assert world.calls.count("inventory.release") == 30
    await audit(saga.database, world)


async def test_the_last_lamps_are_sold_once(saga: Saga, world: World) -> None:
    customers = [uuid4() for _ in range(8)]
    for customer in customers:
        world.cart.fill(customer, {LAMP: 3, DESK: 1})

    answers = await asyncio.gather(*(place(saga, customer) for customer in customers))

    assert sorted(answer.status for answer in answers) == [201] * 3 + [409] * 5
    await audit(saga.database, world)
    assert world.inventory.on_hand == {LAMP: 1, DESK: 7}


async def test_an_order_is_cancelled_or_shipped_but_not_both(
    saga: Saga, world: World, ada: UUID
) -> None:
    order_id = (await place(saga, ada)).order_id
    assert order_id is not None

    outcomes = await asyncio.gather(
        *(order_cancel(saga, account_id=ada, order_id=order_id) for _ in range(4)),
        *(order_ship(saga.database, order_id=order_id) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, OrderNotConfirmed) for outcome in outcomes) == 7
    await audit(saga.database, world)


async def test_no_connection_is_held_during_a_call(saga: Saga, world: World) -> None:
    """More requests wait for the outside world than there are connections."""
    stalls: list[Stall] = []
    requests = []
    for _ in range(10):
        account_id = uuid4()
        world.cart.fill(account_id, {LAMP: 1})
        stall = Stall()
        world.fail_once("payments.authorize", Edge.BEFORE, stall)
        requests.append(asyncio.create_task(place(saga, account_id)))
        await stall.reached.wait()
        stalls.append(stall)

    [busy] = await rows(
        saga.database,
        "SELECT count(*) AS connections FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle'",
    )
    assert busy.connections == 0
    for stall in stalls:
        stall.go_on.set()
    assert {answer.status for answer in await asyncio.gather(*requests)} == {201}
    await audit(saga.database, world)


@pytest.mark.parametrize("seed", range(20))
async def test_random_histories_of_faults(saga: Saga, world: World, seed: int) -> None:
    dice = random.Random(seed)
    customers = [uuid4() for _ in range(4)]
    cards: dict[tuple[UUID, str], str] = {}
    for _ in range(25):
        customer, key = dice.choice(customers), f"k{dice.randrange(4)}"
        if dice.random() < 0.6:
            world.cart.fill(customer, {LAMP: dice.randint(1, 3), DESK: 1})
        for _ in range(dice.randrange(3)):
            call = dice.choice([*CALLS, "payments.refund", "inventory.release", "cart.snapshot"])
            fault = dice.choice([Crash, DependencyUnavailable])
            world.fail_once(call, dice.choice(list(Edge)), fault)
        card = dice.choice(["tok_ok", "tok_ok", "tok_declined", "tok_error", "tok_timeout"])
        cards[customer, key] = card = cards.get((customer, key), card)
        work: list[Coroutine[Any, Any, object]] = [
            place(saga, customer, key=key, card=card) for _ in range(dice.randint(1, 2))
        ]
        if dice.random() < 0.3:
            work.append(recover(saga))
        await asyncio.gather(*work, return_exceptions=True)
    world.bring_up()
    await recover(saga)

    orders = await audit(saga.database, world)
    for (customer, key), card in cards.items():
        made = [order for order in orders if order[1:3] == (customer, key)]
        assert len(made) <= 1
        try:
            replay = await place(saga, customer, key=key, card=card)
        except Problem as problem:
            raise AssertionError(f"{key} is stuck") from problem
        assert not made or (replay.replayed and replay.order_id == made[0].id)
