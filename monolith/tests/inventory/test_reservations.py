from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.inventory import public
from shop.inventory.domain import RESERVATION_LIFETIME
from shop.inventory.models import Reservation, Stock
from shop.inventory.services import reservations_expire

pytestmark = pytest.mark.django_db


@pytest.fixture
def order_id() -> UUID:
    return uuid4()


@pytest.fixture(autouse=True)
def _stock() -> None:
    Stock.objects.create(product_id=1, on_hand=5)
    Stock.objects.create(product_id=2, on_hand=3)


def stock() -> dict[int, tuple[int, int]]:
    rows = Stock.objects.values_list("product_id", "on_hand", "reserved")
    return {product_id: (on_hand, reserved) for product_id, on_hand, reserved in rows}


def test_availability_of_many_in_one_query(
    order_id: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    public.reserve(order_id=order_id, lines={1: 2})
    with django_assert_num_queries(1):
        assert public.availability(product_ids=[3, 1, 2]) == {1: 3, 2: 3, 3: 0}


def test_all_lines_are_reserved(order_id: UUID) -> None:
    public.reserve(order_id=order_id, lines={2: 3, 1: 2})
    assert stock() == {1: (5, 2), 2: (3, 3)}


def test_or_none_of_them(order_id: UUID) -> None:
    with pytest.raises(public.OutOfStock) as caught:
        public.reserve(order_id=order_id, lines={9: 1, 2: 4, 1: 2})
    assert caught.value.products == [2, 9]
    assert stock() == {1: (5, 0), 2: (3, 0)}
    public.reserve(order_id=order_id, lines={1: 2})
    assert stock()[1] == (5, 2)


def test_every_step_may_be_repeated(order_id: UUID) -> None:
    for _ in range(2):
        public.reserve(order_id=order_id, lines={1: 2, 2: 1})
    assert stock() == {1: (5, 2), 2: (3, 1)}
    for _ in range(2):
        public.commit(order_id=order_id)
    assert stock() == {1: (3, 0), 2: (2, 0)}
    public.reserve(order_id=order_id, lines={1: 2, 2: 1})
    assert stock() == {1: (3, 0), 2: (2, 0)}
    for _ in range(2):
        public.release(order_id=order_id)
    assert stock() == {1: (5, 0), 2: (3, 0)}


def test_what_is_released_stays_released(order_id: UUID) -> None:
    public.reserve(order_id=order_id, lines={1: 2})
    public.release(order_id=order_id)
    assert stock() == {1: (5, 0), 2: (3, 0)}
    with pytest.raises(public.ReservationReleased):
        public.commit(order_id=order_id)
    with pytest.raises(public.ReservationReleased):
        public.reserve(order_id=order_id, lines={1: 2})
    assert stock() == {1: (5, 0), 2: (3, 0)}


def test_a_release_bars_a_reservation_that_comes_late(order_id: UUID) -> None:
    public.release(order_id=order_id)
    with pytest.raises(public.ReservationReleased):
        public.reserve(order_id=order_id, lines={1: 1})
    assert stock()[1] == (5, 0)


def test_nothing_can_be_committed_that_was_not_reserved(order_id: UUID) -> None:
    with pytest.raises(public.ReservationReleased):
        public.commit(order_id=order_id)


def test_reservations_expire_after_their_time(order_id: UUID) -> None:
    late, committed = uuid4(), uuid4()
    public.reserve(order_id=order_id, lines={1: 1})
    public.reserve(order_id=late, lines={1: 2, 2: 1})
    public.reserve(order_id=committed, lines={1: 1})
    public.commit(order_id=committed)
    ended = timezone.now() - timedelta(seconds=1)
    Reservation.objects.exclude(order_id=order_id).update(expires_at=ended)
    assert reservations_expire() == 1
    assert stock() == {1: (4, 1), 2: (3, 0)}
    remaining = Reservation.objects.get(order_id=order_id).expires_at - timezone.now()
    assert timedelta(seconds=-5) < remaining - RESERVATION_LIFETIME < timedelta(0)


def test_the_work_does_not_grow_with_the_lines(
    order_id: UUID, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Stock.objects.bulk_create(Stock(product_id=number, on_hand=9) for number in range(10, 40))
    lines = dict.fromkeys(range(10, 40), 1)
    with django_assert_num_queries(6):
        public.reserve(order_id=order_id, lines=lines)
    with django_assert_num_queries(5):
        public.commit(order_id=order_id)
    with django_assert_num_queries(6):
        public.release(order_id=order_id)
    assert stock()[10] == (9, 0)
