"""How many effects there ought to be, how many are missing, and how many are too many."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from twinbench.audit.books import SOLD, Books
from twinbench.audit.dues import (
    captured,
    notices_due,
    notices_told,
    pairs_counted,
    pairs_due,
    sales_counted,
    sales_due,
)

K = TypeVar("K", bound=Hashable)

COMPENSATED: Final = "orders undone"
_UNDONE: Final = frozenset({"rejected", "cancelled"})
_HELD: Final = frozenset({"reserved", "committed"})
_TAKEN: Final = frozenset({"open", "authorized", "captured"})


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one kind of effect; `lost` and `doubled` are counts as `due` is."""

    effect: str
    due: int
    lost: int
    doubled: int


def tallies(then: Books, now: Books, acknowledged: Iterable[str] = ()) -> list[Tally]:
    """Of settled books; `acknowledged` are the ids of orders to which somebody was told 201."""
    notices, told = notices_due(then, now), notices_told(now)
    kinds = ("welcome", "order-confirmed", "order-shipped", "order-cancelled")
    old = {("welcome", account.id) for account in then.accounts}
    return [
        _acknowledged(now, acknowledged),
        _keys(now),
        _money(now),
        _goods(then, now),
        _compensations(now),
        *(
            _tally(
                f"told: {kind}",
                {notice: n for notice, n in notices.items() if notice[1] == kind},
                {n: c for n, c in told.items() if n[1] == kind and (kind, n[0]) not in old},
            )
            for kind in kinds
        ),
        _since("bestsellers", sales_counted(then), sales_due(then, now), sales_counted(now)),
        _since("bought together", pairs_counted(then), pairs_due(then, now), pairs_counted(now)),
    ]


def _tally(effect: str, due: Mapping[K, int], found: Mapping[K, int]) -> Tally:
    wanted, there = Counter(due), Counter(found)
    return Tally(
        effect,
        due=wanted.total(),
        lost=(wanted - there).total(),
        doubled=(there - wanted).total(),
    )


def _since(effect: str, before: Counter[K], due: Counter[K], found: Counter[K]) -> Tally:
    """Of counters that were not at 0 when it began."""
    whole = _tally(effect, due, found)
    return Tally(effect, whole.due - before.total(), whole.lost, whole.doubled)


def _acknowledged(now: Books, acknowledged: Iterable[str]) -> Tally:
    kept = now.order_ids(SOLD | {"cancelled"})
    told = Counter(acknowledged)
    return _tally("orders acknowledged", told, {order: told[order] for order in kept & told.keys()})


def _keys(now: Books) -> Tally:
    """Orders by idempotency key."""
    orders = Counter((order.account, order.key) for order in now.orders)
    return _tally("orders per key", dict.fromkeys(orders, 1), orders)


def _money(now: Books) -> Tally:
    """By the acquirer's ledger, which no arm writes."""
    _, ledger = captured(now)
    sold = dict.fromkeys(now.order_ids(SOLD), 1)
    return _tally("charges", sold, {order: len(amounts) for order, amounts in ledger.items()})


def _goods(then: Books, now: Books) -> Tally:
    """Units off the shelf; without products that staff have restocked."""
    sold = now.quantities(SOLD)
    sold.subtract(then.quantities(SOLD))
    left = {row.product: row.on_hand for row in now.stock}
    gone = {row.product: row.on_hand - left.get(row.product, 0) for row in then.stock}
    return _tally(
        "units of stock",
        {product: units for product, units in sold.items() if product not in now.restocked},
        {product: units for product, units in gone.items() if product not in now.restocked},
    )


def _compensations(now: Books) -> Tally:
    """Rejected and cancelled orders that had taken goods or money, and whether all was returned."""
    ended = now.order_ids(_UNDONE)
    held: dict[str, set[str]] = {}
    taken = [
        *((row.order, row.status) for row in now.reservations),
        *((row.order, row.status) for row in now.payments),
        *((entry.reference, entry.status) for entry in now.ledger),
    ]
    for order, status in taken:
        if order in ended:
            held.setdefault(order, set()).add(status)
    kept = {order for order, statuses in held.items() if statuses & (_HELD | _TAKEN)}
    return Tally(COMPENSATED, due=len(held), lost=len(kept), doubled=0)
