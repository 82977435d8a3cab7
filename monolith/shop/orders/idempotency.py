"""Idempotency keys: who may run a request, and what everybody who asks again is told."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from shop.orders.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from shop.orders.models import IdempotencyKey


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer, byte for byte."""

    order_id: UUID
    status: int
    body: bytes
    replayed: bool = False


def key_claim(*, account_id: UUID, key: str, fingerprint: str) -> UUID | Answer:
    """The id of the order that the caller may place now, or what the first request came to.

    Part of the caller's transaction: a second request waits here until the first has its order.
    """
    order_id = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_idempotencykey"
            " (account_id, key, fingerprint, order_id, created_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (account_id, key) DO NOTHING",
            [account_id, key, fingerprint, order_id, timezone.now()],
        )
        if cursor.rowcount == 1:
            return order_id
    known = IdempotencyKey.objects.get(account_id=account_id, key=key)
    if known.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if known.answer_status is None:
        raise IdempotencyKeyInUse
    return _answer(known, replayed=True)


def answer_keep(answer: Answer) -> Answer:
    """Part of the transaction that makes the answer true."""
    IdempotencyKey.objects.filter(order_id=answer.order_id).update(
        answer_status=answer.status, answer_body=answer.body
    )
    return answer


def answer_kept(order_id: UUID) -> Answer:
    """What somebody else, who settled the order, has answered."""
    return _answer(IdempotencyKey.objects.get(order_id=order_id), replayed=False)


def _answer(known: IdempotencyKey, *, replayed: bool) -> Answer:
    if known.answer_status is None or known.answer_body is None:
        raise IdempotencyKeyInUse
    return Answer(known.order_id, known.answer_status, bytes(known.answer_body), replayed)
