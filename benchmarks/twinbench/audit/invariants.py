"""The contract's "always true", each as a question to the books: what is wrong, a line each.

`then` are the books at the beginning, `now` those once everything has settled. What the acquirer
did for others is in neither.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from twinbench.audit.books import CONFIRMED_ONCE, SOLD, Books
from twinbench.audit.dues import (
    captured,
    notices_due,
    notices_told,
    pairs_counted,
    pairs_due,
    sales_counted,
    sales_due,
)

_UNPAID = frozenset({"rejected", "cancelled"})
_LEDGER_OF_PAYMENT: dict[str, frozenset[str | None]] = {
    "captured": frozenset({"captured"}),
    "refunded": frozenset({"refunded", "voided"}),
    "declined": frozenset({"declined"}),
    # Declined: the answer was lost, and nothing was there to withdraw.
    "void": frozenset({None, "voided", "declined"}),
}
_RESERVATIONS = {
    "reserved": frozenset({"pending"}),
    "committed": SOLD,
    "released": frozenset({None, *_UNPAID}),
}
_ANSWERED_CREATED = 201


Invariant = Callable[[Books, Books], Iterator[str]]


def violations(then: Books, now: Books, invariants: Sequence[Invariant] | None = None) -> list[str]:
    """Of these invariants, or of all; empty when every one holds."""
    chosen = INVARIANTS if invariants is None else invariants
    return [line for invariant in chosen for line in invariant(then, now)]


def nothing_is_pending(_then: Books, now: Books) -> Iterator[str]:
    for order in now.orders:
        if order.status == "pending" or order.unsettled:
            yield f"order {order.id} ({order.status}) is not settled"


def nothing_waits_to_be_sent(_then: Books, now: Books) -> Iterator[str]:
    for kind, count in Counter(event.type for event in now.unsent).items():
        yield f"{count} {kind} events have not reached everybody"


def stock_is_not_negative(_then: Books, now: Books) -> Iterator[str]:
    for row in now.stock:
        if row.on_hand < 0 or row.reserved < 0:
            yield f"product {row.product} has {row.on_hand} on hand, {row.reserved} reserved"


def stock_is_conserved(then: Books, now: Books) -> Iterator[str]:
    initial = {row.product: row.on_hand for row in then.stock}
    before, after = then.quantities(SOLD), now.quantities(SOLD)
    for row in now.stock:
        if row.product in now.restocked:
            continue
        sold = after[row.product] - before[row.product]
        due = initial.get(row.product, 0) - sold
        if row.on_hand != due:
            yield (
                f"product {row.product} had {initial.get(row.product, 0)}, sold {sold}, and has"
                f" {row.on_hand} on hand, not {due}"
            )


def sold_orders_are_paid_once(_then: Books, now: Books) -> Iterator[str]:
    payments, captures = captured(now)
    for order in now.orders:
        if order.status in SOLD:
            for where, paid in (("payments", payments), ("the ledger", captures)):
                amounts = paid.get(order.id, [])
                if (count := amounts.count(order.total)) != 1:
                    yield (
                        f"order {order.id} ({order.status}, {order.total}) has {count} captured"
                        f" payments of its total in {where}, not 1"
                    )
                elif len(amounts) != 1:
                    yield f"order {order.id} ({order.total}) paid {amounts} in {where}"


def other_orders_are_not_paid(_then: Books, now: Books) -> Iterator[str]:
    statuses = {order.id: order.status for order in now.orders}
    found = [
        *((p.order, p.status, "payments") for p in now.payments),
        *((e.reference, e.status, "the ledger") for e in now.ledger),
    ]
    for reference, status, where in found:
        order = statuses.get(reference)
        if order in SOLD | {"pending"}:
            continue
        if status in {"open", "authorized", "captured"}:
            yield f"order {reference} ({order or 'unknown'}) has a payment {status} in {where}"
        elif order == "cancelled" and status != "refunded":
            yield f"order {reference} (cancelled) has a payment {status} in {where}, not refunded"


def the_ledger_agrees(then: Books, now: Books) -> Iterator[str]:
    ledger = {entry.reference: entry for entry in now.ledger}
    for payment in now.payments:
        entry = ledger.get(payment.order)
        status = entry.status if entry else None
        if status not in _LEDGER_OF_PAYMENT.get(payment.status, {status}):
            yield f"payment of order {payment.order} is {payment.status}, the ledger says {status}"
        elif entry and payment.amount != entry.amount and payment.status != "void":
            yield (
                f"payment of order {payment.order} is of {payment.amount},"
                f" the ledger says {entry.amount}"
            )
    accounted = {payment.order for payment in now.payments}
    accounted |= {entry.reference for entry in then.ledger}
    for entry in now.ledger:
        if entry.reference not in accounted and entry.status != "voided":
            yield f"the ledger has {entry.reference} ({entry.status}), payments do not"


def nothing_is_held_without_reason(_then: Books, now: Books) -> Iterator[str]:
    statuses: dict[str, str] = {order.id: order.status for order in now.orders}
    for row in now.reservations:
        status = statuses.get(row.order)
        if status not in _RESERVATIONS[row.status]:
            yield f"reservation of order {row.order} ({status or 'unknown'}) is {row.status}"
    committed = frozenset(row.order for row in now.reservations if row.status == "committed")
    held = now.lines_by_order(now.reservation_lines, committed)
    ordered = now.lines_by_order(now.order_lines, now.order_ids(SOLD))
    for order in ordered:
        if held.get(order) != ordered[order]:
            yield f"order {order} sold {ordered[order]}, its reservation is of {held.get(order)}"
    reserved = frozenset(row.order for row in now.reservations if row.status == "reserved")
    due = Counter[int]()
    for line in now.reservation_lines:
        if line.order in reserved:
            due[line.product] += line.quantity
    for stock in now.stock:
        if stock.reserved != due[stock.product]:
            yield (
                f"product {stock.product} has {stock.reserved} reserved,"
                f" its reservations come to {due[stock.product]}"
            )


def everybody_is_told_once(then: Books, now: Books) -> Iterator[str]:
    known = {account.id for account in then.accounts}
    due, told = notices_due(then, now), notices_told(now)
    for account, kind, order_id in sorted(due.keys() | told.keys(), key=str):
        notice = (account, kind, order_id)
        old = kind == "welcome" and account in known
        if told[notice] != due[notice] and not old:
            about = f" about order {order_id}" if order_id else ""
            yield f"account {account} has {told[notice]} {kind}{about}, not {due[notice]}"


def keys_stand_for_one_order(_then: Books, now: Books) -> Iterator[str]:
    for (account, key), count in Counter((o.account, o.key) for o in now.orders).items():
        if key is not None and count > 1:
            yield f"key {key} of account {account} made {count} orders"
    for order in now.orders:
        if order.key is None:
            yield f"order {order.id} was made under no key"
        elif order.status != "pending" and (order.answer == _ANSWERED_CREATED) != (
            order.status in CONFIRMED_ONCE
        ):
            yield f"order {order.id} is {order.status}, its key answers {order.answer}"


def sales_are_counted_once(then: Books, now: Books) -> Iterator[str]:
    due, counted = sales_due(then, now), sales_counted(now)
    for product in sorted(due.keys() | counted.keys()):
        if counted[product] != due[product]:
            yield f"product {product} counts {counted[product]} sold, not {due[product]}"


def co_purchases_are_counted_once(then: Books, now: Books) -> Iterator[str]:
    counts, due = pairs_counted(now), pairs_due(then, now)
    for product, other in sorted(counts.keys() | due.keys()):
        if counts[product, other] != due[product, other]:
            yield (
                f"products {product} and {other} count {counts[product, other]} common orders,"
                f" not {due[product, other]}"
            )


INVARIANTS: tuple[Invariant, ...] = (
    nothing_is_pending,
    nothing_waits_to_be_sent,
    stock_is_not_negative,
    stock_is_conserved,
    sold_orders_are_paid_once,
    other_orders_are_not_paid,
    the_ledger_agrees,
    nothing_is_held_without_reason,
    everybody_is_told_once,
    keys_stand_for_one_order,
    sales_are_counted_once,
    co_purchases_are_counted_once,
)
AFTER_A_TRIAL: tuple[Invariant, ...] = tuple(
    invariant for invariant in INVARIANTS if invariant is not nothing_waits_to_be_sent
)
"""An event may be done and not yet be ticked off, which is housekeeping: what it was to do is asked
for itself."""
