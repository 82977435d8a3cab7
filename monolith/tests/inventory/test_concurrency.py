"""Many orders at once: nothing is sold twice, and nobody waits in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from shop.inventory import public
from shop.inventory.models import Reservation, Stock

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def together(work: Callable[[int], bool], count: int) -> list[bool]:
    def closing(number: int) -> bool:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(closing, range(count)))


def test_the_last_units_are_reserved_once() -> None:
    for product_id in range(1, 6):
        Stock.objects.create(product_id=product_id, on_hand=10)

    def order(number: int) -> bool:
        products = list(range(1, 6))
        lines = dict.fromkeys(products if number % 2 else reversed(products), 1)
        order_id = uuid4()
        try:
            public.reserve(order_id=order_id, lines=lines)
        except public.OutOfStock:
            return False
        public.commit(order_id=order_id)
        return True

    assert sum(together(order, 40)) == 10
    assert set(Stock.objects.values_list("on_hand", "reserved")) == {(0, 0)}


def test_a_release_and_a_reservation_of_one_order_leave_nothing_reserved() -> None:
    Stock.objects.create(product_id=1, on_hand=1000)
    order_ids = [uuid4() for _ in range(20)]

    def step(number: int) -> bool:
        order_id = order_ids[number // 2]
        if number % 2:
            public.release(order_id=order_id)
            return True
        try:
            public.reserve(order_id=order_id, lines={1: 1})
        except public.ReservationReleased:
            return False
        return True

    together(step, 40)
    assert Stock.objects.get().reserved == 0
    assert set(Reservation.objects.values_list("status", flat=True)) == {"released"}
