"""Effects are counted: as many as were due, those that are missing, those that are too many."""

from dataclasses import replace

import pytest

from tests.audit.test_invariants import CANCELLED, DECLINED, LINES, NOW, THEN, added, without
from twinbench.audit.books import Bestseller, Books, Entry, Notification, Reservation, Stock
from twinbench.audit.invariants import AFTER_A_TRIAL, INVARIANTS, violations
from twinbench.audit.tallies import COMPENSATED, Tally, tallies


def counted(then: Books, now: Books, told: tuple[str, ...] = ()) -> dict[str, Tally]:
    return {tally.effect: tally for tally in tallies(then, now, told)}


def test_in_sound_books_nothing_is_lost_or_doubled() -> None:
    found = counted(THEN, NOW, ("confirmed", "shipped", "cancelled"))
    assert {name: tally.due for name, tally in found.items()} == {
        "orders acknowledged": 3,
        "orders per key": 5,
        "charges": 2,
        "units of stock": 6,
        COMPENSATED: 3,
        "told: welcome": 1,
        "told: order-confirmed": 3,
        "told: order-shipped": 1,
        "told: order-cancelled": 1,
        "bestsellers": 9,
        "bought together": 6,
    }
    assert not [tally for tally in found.values() if tally.lost or tally.doubled]


@pytest.mark.parametrize(
    ("books", "effect", "lost", "doubled"),
    [
        (added("ledger", Entry("shipped", 300, "captured")), "charges", 0, 1),
        (without("ledger", NOW.ledger[0]), "charges", 1, 0),
        (without("stock", Stock(2, 6, 0)), "units of stock", 0, 6),
        (without("notifications", NOW.notifications[3]), "told: order-shipped", 1, 0),
        (
            added("notifications", Notification("ada", "order-confirmed", "declined")),
            "told: order-confirmed",
            0,
            1,
        ),
        (
            replace(NOW, bestsellers=(Bestseller(1, 104), Bestseller(2, 54))),
            "bestsellers",
            2,
            1,
        ),
        (replace(NOW, co_purchases=()), "bought together", 20, 0),
        (added("orders", replace(CANCELLED, id="twin")), "orders per key", 0, 1),
        (added("reservations", Reservation("declined", "reserved")), COMPENSATED, 1, 0),
    ],
)
def test_what_is_wrong_is_counted(books: Books, effect: str, lost: int, doubled: int) -> None:
    tally = counted(THEN, books)[effect]
    assert (tally.lost, tally.doubled) == (lost, doubled)


def test_an_order_that_was_acknowledged_and_is_not_there_is_lost() -> None:
    tally = counted(THEN, NOW, ("confirmed", "nowhere", DECLINED.id))["orders acknowledged"]
    assert (tally.due, tally.lost) == (3, 2)


def test_what_staff_have_restocked_is_left_out() -> None:
    books = replace(NOW, stock=(Stock(1, 1008, 0), Stock(2, 6, 0)), restocked=(1,))
    assert violations(THEN, books) == []
    tally = counted(THEN, books)["units of stock"]
    assert (tally.due, tally.lost, tally.doubled) == (4, 0, 0)
    assert sum(line.quantity for line in LINES if line.product == 2) == 10


def test_ticking_events_off_may_wait_after_a_trial() -> None:
    assert [one.__name__ for one in INVARIANTS if one not in AFTER_A_TRIAL] == [
        "nothing_waits_to_be_sent"
    ]
