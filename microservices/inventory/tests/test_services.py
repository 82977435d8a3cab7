"""What orders do to stock: all or nothing, once, in whatever order the calls come."""

import asyncio
from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest
from kit.db import Database
from kit_testing.apps import eventually
from sqlalchemy import text

from inventory.domain import StockLevel
from inventory.errors import OutOfStock, ReservationReleased
from inventory.selectors import available_units, stock_level
from inventory.services import (
    reservations_expire,
    stock_commit,
    stock_release,
    stock_reserve,
    stock_set,
)


async def level(database: Database, product_id: int = 1) -> StockLevel | None:
    return await stock_level(database, product_id=product_id)


async def make_old(database: Database, order_id: UUID) -> None:
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE reservations SET expires_at = now() WHERE order_id = :order_id"),
            {"order_id": order_id},
        )


@pytest.fixture(autouse=True)
async def stocked(database: Database) -> None:
    for product_id in (1, 2, 3):
        await stock_set(database, product_id=product_id, on_hand=10)


async def test_reserve_commit_release(database: Database, order_ids: Iterator[UUID]) -> None:
    order_id = next(order_ids)
    for _ in range(2):
        await stock_reserve(database, order_id=order_id, lines={1: 4, 2: 1})
        assert await level(database) == StockLevel(10, 4)
    for _ in range(2):
        await stock_commit(database, order_id=order_id)
        assert await level(database) == StockLevel(6, 0)
    await stock_reserve(database, order_id=order_id, lines={1: 4, 2: 1})
    for _ in range(2):
        await stock_release(database, order_id=order_id)
        assert await level(database) == StockLevel(10, 0)
        assert await level(database, 2) == StockLevel(10, 0)
    with pytest.raises(ReservationReleased):
        await stock_commit(database, order_id=order_id)
    with pytest.raises(ReservationReleased):
        await stock_reserve(database, order_id=order_id, lines={1: 4, 2: 1})


async def test_what_was_only_held_is_not_restocked(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    order_id = next(order_ids)
    await stock_reserve(database, order_id=order_id, lines={1: 4})
    await stock_release(database, order_id=order_id)
    assert await level(database) == StockLevel(10, 0)


async def test_all_or_nothing(database: Database, order_ids: Iterator[UUID]) -> None:
    order_id = next(order_ids)
    with pytest.raises(OutOfStock) as error:
        await stock_reserve(database, order_id=order_id, lines={9: 1, 3: 11, 1: 10})
    assert error.value.extra == {"products": [3, 9]}
    assert await level(database) == StockLevel(10, 0)
    await stock_reserve(database, order_id=order_id, lines={1: 10})
    assert await level(database) == StockLevel(10, 10)


async def test_a_late_reservation_of_a_given_up_order(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    order_id = next(order_ids)
    await stock_release(database, order_id=order_id)
    with pytest.raises(ReservationReleased):
        await stock_reserve(database, order_id=order_id, lines={1: 1})
    with pytest.raises(ReservationReleased):
        await stock_commit(database, order_id=order_id)
    assert await level(database) == StockLevel(10, 0)


async def test_nothing_to_commit(database: Database, order_ids: Iterator[UUID]) -> None:
    with pytest.raises(ReservationReleased):
        await stock_commit(database, order_id=next(order_ids))


async def test_the_last_units_go_to_one_order(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    outcomes = await asyncio.gather(
        *(stock_reserve(database, order_id=next(order_ids), lines={1: 3}) for _ in range(12)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(OutOfStock) == 9
    assert outcomes.count(None) == 3
    assert await level(database) == StockLevel(10, 9)


async def test_one_order_reserved_many_times_at_once(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    order_id = next(order_ids)
    await asyncio.gather(
        *(stock_reserve(database, order_id=order_id, lines={1: 1, 2: 2}) for _ in range(8))
    )
    assert await level(database) == StockLevel(10, 1)
    await asyncio.gather(*(stock_commit(database, order_id=order_id) for _ in range(8)))
    assert await level(database) == StockLevel(9, 0)
    await asyncio.gather(*(stock_release(database, order_id=order_id) for _ in range(8)))
    assert await level(database) == StockLevel(10, 0)


async def test_reserve_and_release_at_once_hold_nothing(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    for _ in range(10):
        order_id = next(order_ids)
        await asyncio.gather(
            stock_reserve(database, order_id=order_id, lines={1: 1, 2: 1}),
            stock_release(database, order_id=order_id),
            return_exceptions=True,
        )
    assert await level(database) == StockLevel(10, 0)
    assert await level(database, 2) == StockLevel(10, 0)


async def test_crossing_orders_do_not_deadlock(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    random = Random(7)

    async def live(order_id: UUID) -> None:
        lines = dict.fromkeys(random.sample([1, 2, 3], 3), 1)
        try:
            await stock_reserve(database, order_id=order_id, lines=lines)
            await stock_commit(database, order_id=order_id)
        except OutOfStock:
            return
        await stock_release(database, order_id=order_id)

    await asyncio.gather(*(live(next(order_ids)) for _ in range(40)))
    for product_id in (1, 2, 3):
        assert await level(database, product_id) == StockLevel(10, 0)


async def test_what_is_held_too_long_is_released(
    database: Database, order_ids: Iterator[UUID]
) -> None:
    old, new, sold = (next(order_ids) for _ in range(3))
    for order_id in (old, new, sold):
        await stock_reserve(database, order_id=order_id, lines={1: 1})
    await stock_commit(database, order_id=sold)
    await make_old(database, old)
    await make_old(database, sold)

    async def now() -> StockLevel | None:
        await reservations_expire(database)
        return await level(database)

    await eventually(now, lambda found: found == StockLevel(9, 1))
    with pytest.raises(ReservationReleased):
        await stock_commit(database, order_id=old)
    await stock_commit(database, order_id=new)


async def test_the_app_sweeps_by_itself(database: Database, order_ids: Iterator[UUID]) -> None:
    order_id = next(order_ids)
    await stock_reserve(database, order_id=order_id, lines={1: 1})
    await make_old(database, order_id)

    async def now() -> StockLevel | None:
        return await level(database)

    await eventually(now, lambda found: found == StockLevel(10, 0))


async def test_availability_of_many(database: Database, order_ids: Iterator[UUID]) -> None:
    await stock_reserve(database, order_id=next(order_ids), lines={2: 4})
    found = await available_units(database, product_ids=[3, 2, 99])
    assert found == {3: 10, 2: 6, 99: 0}
