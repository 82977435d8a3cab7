"""What an auditor sees of an arm: plain rows, the same whatever tables they were read from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SOLD: Final = frozenset({"confirmed", "shipped"})
"""The states of an order whose goods and money have changed hands."""
CONFIRMED_ONCE: Final = SOLD | {"cancelled"}


@dataclass(frozen=True, slots=True)
class Order:
    """`answer` is the status stored under its idempotency key. `unsettled`: work is left to do."""

    id: str
    account: str
    key: str | None
    status: str
    total: int
    unsettled: bool
    answer: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A product of an order, or of the reservation made for one."""

    order: str
    product: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Payment:
    order: str
    amount: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Reservation:
    order: str
    status: str


@dataclass(frozen=True, slots=True)
class Stock:
    product: int
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Notification:
    account: str
    kind: str
    order: str | None


@dataclass(frozen=True, slots=True)
class Account:
    id: str


@dataclass(frozen=True, slots=True)
class Bestseller:
    product: int
    sold: int


@dataclass(frozen=True, slots=True)
class CoPurchase:
    product: int
    other: int
    count: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """An event that has not reached everybody yet."""

    type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the acquirer's ledger; its reference is an order's id."""

    reference: str
    amount: int
    status: str


@dataclass(frozen=True, slots=True)
class Books:
    """Everything at one time. Lists, not mappings: a row too many must stay visible.

    `restocked` are products whose stock staff have set meanwhile: how much came is in no book.
    """

    orders: tuple[Order, ...] = ()
    order_lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    reservation_lines: tuple[Line, ...] = ()
    stock: tuple[Stock, ...] = ()
    notifications: tuple[Notification, ...] = ()
    accounts: tuple[Account, ...] = ()
    bestsellers: tuple[Bestseller, ...] = ()
    co_purchases: tuple[CoPurchase, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    ledger: tuple[Entry, ...] = ()
    restocked: tuple[int, ...] = ()

    def order_ids(self, statuses: frozenset[str]) -> frozenset[str]:
        return frozenset(order.id for order in self.orders if order.status in statuses)

    def quantities(self, statuses: frozenset[str]) -> Counter[int]:
        """Per product, what orders in these states come to."""
        chosen, total = self.order_ids(statuses), Counter[int]()
        for line in self.order_lines:
            if line.order in chosen:
                total[line.product] += line.quantity
        return total

    def baskets(self, statuses: frozenset[str]) -> Iterator[Mapping[int, int]]:
        yield from self.lines_by_order(self.order_lines, self.order_ids(statuses)).values()

    @staticmethod
    def lines_by_order(
        lines: tuple[Line, ...], chosen: frozenset[str]
    ) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for line in lines:
            if line.order in chosen:
                found.setdefault(line.order, {})[line.product] = line.quantity
        return found
