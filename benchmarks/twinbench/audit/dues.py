"""What the books ought to say of effects, and what they do say, to be set side by side."""

from collections import Counter
from collections.abc import Mapping
from itertools import permutations

from twinbench.audit.books import CONFIRMED_ONCE, Books

Notice = tuple[str, str, str | None]
"""Account, kind, order."""


def notices_due(then: Books, now: Books) -> Counter[Notice]:
    """What accounts that are new, and everybody who has ordered, ought to have been told."""
    known = {account.id for account in then.accounts}
    due = Counter[Notice](
        (account.id, "welcome", None) for account in now.accounts if account.id not in known
    )
    for order in now.orders:
        if order.status in CONFIRMED_ONCE:
            due[order.account, "order-confirmed", order.id] += 1
        if order.status in {"shipped", "cancelled"}:
            due[order.account, f"order-{order.status}", order.id] += 1
    return due


def notices_told(now: Books) -> Counter[Notice]:
    return Counter((n.account, n.kind, n.order) for n in now.notifications)


def captured(now: Books) -> tuple[Mapping[str, list[int | None]], Mapping[str, list[int | None]]]:
    """Amounts by order: in payments, in the acquirer's ledger."""
    payments: dict[str, list[int | None]] = {}
    ledger: dict[str, list[int | None]] = {}
    for payment in now.payments:
        if payment.status == "captured":
            payments.setdefault(payment.order, []).append(payment.amount)
    for entry in now.ledger:
        if entry.status == "captured":
            ledger.setdefault(entry.reference, []).append(entry.amount)
    return payments, ledger


def sales_due(then: Books, now: Books) -> Counter[int]:
    due = sales_counted(then)
    due.update(now.quantities(CONFIRMED_ONCE))
    due.subtract(then.quantities(CONFIRMED_ONCE))
    return due


def sales_counted(books: Books) -> Counter[int]:
    return Counter({row.product: row.sold for row in books.bestsellers})


def pairs_due(then: Books, now: Books) -> Counter[tuple[int, int]]:
    due = pairs_counted(then)
    due.update(_pairs(now))
    due.subtract(_pairs(then))
    return due


def pairs_counted(books: Books) -> Counter[tuple[int, int]]:
    return Counter({(row.product, row.other): row.count for row in books.co_purchases})


def _pairs(books: Books) -> Counter[tuple[int, int]]:
    baskets = books.baskets(CONFIRMED_ONCE)
    return Counter(pair for basket in baskets for pair in permutations(basket, 2))
