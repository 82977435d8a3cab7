"""The contract's "always true", each as a question to the books: what is wrong, a line each.

`then` are the books at the beginning, `now` those once everything has settled. The acquirer must
have served this arm alone in between.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import permutations

from twinbench.audit.books import CONFIRMED_ONCE, SOLD, Books

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


def violations(then: Books, now: Books) -> list[str]:
    """Empty when every invariant holds."""
    return [line for invariant in INVARIANTS for line in invariant(then, now)]


def nothing_is_pending(_then: Books, now: Books) -> Iterator[str]:
    for order in now.orders:
        if order.status == "pending" or order.unsettled:
            yield f"order {order.id} ({order.status}) is not settled"
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
        sold = after[row.product] - before[row.product]
        due = initial.get(row.product, 0) - sold
        if row.on_hand != due:
            yield (
                f"product {row.product} had {initial.get(row.product, 0)}, sold {sold}, and has"
                f" {row.on_hand} on hand, not {due}"
            )


def sold_orders_are_paid_once(_then: Books, now: Books) -> Iterator[str]:
    payments = Counter((p.order, p.amount) for p in now.payments if p.status == "captured")
    captures = Counter((e.reference, e.amount) for e in now.ledger if e.status == "captured")
    for order in now.orders:
        if order.status in SOLD:
            for where, paid in (("payments", payments), ("the ledger", captures)):
                if (count := paid[order.id, order.total]) != 1:
                    yield (
                        f"order {order.id} ({order.status}, {order.total}) has {count} captured"
                        f" payments of its total in {where}, not 1"
                    )


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
    due = Counter[tuple[str, str, str | None]](
        (account.id, "welcome", None) for account in now.accounts if account.id not in known
    )
    for order in now.orders:
        if order.status in CONFIRMED_ONCE:
            due[order.account, "order-confirmed", order.id] += 1
        if order.status in {"shipped", "cancelled"}:
            due[order.account, f"order-{order.status}", order.id] += 1
    told = Counter((n.account, n.kind, n.order) for n in now.notifications)
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
    sold = {row.product: row.sold for row in then.bestsellers}
    before, after = then.quantities(CONFIRMED_ONCE), now.quantities(CONFIRMED_ONCE)
    for row in now.bestsellers:
        due = sold.get(row.product, 0) + after[row.product] - before[row.product]
        if row.sold != due:
            yield f"product {row.product} counts {row.sold} sold, not {due}"


def co_purchases_are_counted_once(then: Books, now: Books) -> Iterator[str]:
    counts = Counter({(row.product, row.other): row.count for row in now.co_purchases})
    due = Counter({(row.product, row.other): row.count for row in then.co_purchases})
    due.update(_pairs(now))
    due.subtract(_pairs(then))
    for product, other in sorted(counts.keys() | due.keys()):
        if counts[product, other] != due[product, other]:
            yield (
                f"products {product} and {other} count {counts[product, other]} common orders,"
                f" not {due[product, other]}"
            )


def _pairs(books: Books) -> Counter[tuple[int, int]]:
    baskets = books.baskets(CONFIRMED_ONCE)
    return Counter(pair for basket in baskets for pair in permutations(basket, 2))


INVARIANTS: tuple[Callable[[Books, Books], Iterator[str]], ...] = (
    nothing_is_pending,
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
