"""One request per key: who may work on it, and the answer that it gets for ever.

What is one statement runs in autocommit; what belongs to a larger change takes its transaction.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from kit.db import Database, Transaction
from kit.json import Json, dumps
from sqlalchemy import BindParameter, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from orders.domain import LEASE
from orders.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from orders.models import IdempotencyKey


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a key until it expires or is taken over."""

    account_id: UUID
    key: str
    claim_id: UUID

    def parameters(self) -> dict[str, Json]:
        return {"account": self.account_id, "request_key": self.key, "claim": self.claim_id}


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer, as it was or will be stored."""

    status: int
    body: bytes
    order_id: UUID | None
    replayed: bool = False

    @classmethod
    def of(cls, status: int, content: Json, order_id: UUID | None = None) -> "Answer":
        return cls(status, dumps(content), order_id)


_THIS = (IdempotencyKey.account_id == bindparam("account")) & (
    IdempotencyKey.key == bindparam("request_key")
)
_HELD = (
    _THIS
    & (IdempotencyKey.claim_id == bindparam("claim"))
    & IdempotencyKey.order_id.is_(None)
    & IdempotencyKey.response_status.is_(None)
)
_ANSWER: dict[str, BindParameter[Json]] = {
    "response_status": bindparam("answer_status"),
    "response_body": bindparam("answer_body"),
}
# Built once: building a statement costs more than running it.
_NEW = insert(IdempotencyKey).values(
    account_id=bindparam("account"),
    key=bindparam("request_key"),
    fingerprint=bindparam("body_fingerprint"),
    claim_id=bindparam("claim"),
    claim_expires_at=func.now() + LEASE,
)
_CLAIM = _NEW.on_conflict_do_update(
    index_elements=[IdempotencyKey.account_id, IdempotencyKey.key],
    set_={"claim_id": _NEW.excluded.claim_id, "claim_expires_at": _NEW.excluded.claim_expires_at},
    where=(
        IdempotencyKey.order_id.is_(None)
        & IdempotencyKey.response_status.is_(None)
        & (IdempotencyKey.fingerprint == _NEW.excluded.fingerprint)
        & (IdempotencyKey.claim_expires_at < func.now())
    ),
).returning(IdempotencyKey.claim_id)
_FIND = select(
    IdempotencyKey.fingerprint,
    IdempotencyKey.response_status,
    IdempotencyKey.response_body,
    IdempotencyKey.order_id,
).where(_THIS)
_ATTACH = (
    update(IdempotencyKey)
    .where(_HELD)
    .values(order_id=bindparam("new_order"))
    .returning(IdempotencyKey.key)
)
_RELEASE = delete(IdempotencyKey).where(_HELD).returning(IdempotencyKey.key)
_REFUSE = update(IdempotencyKey).where(_HELD).values(_ANSWER).returning(IdempotencyKey.key)
_SETTLE = update(IdempotencyKey).where(_THIS).values(_ANSWER)


async def key_claim(
    database: Database, *, account_id: UUID, key: str, fingerprint: str
) -> Claim | Answer:
    """The claim, or the answer that was given before.

    Raises IdempotencyKeyReused for another body, IdempotencyKeyInUse while another works on it. A
    claim whose holder died before it made an order is taken over once it has expired.
    """
    claim = Claim(account_id, key, uuid4())
    parameters = {**claim.parameters(), "body_fingerprint": fingerprint}
    if await database.row(_CLAIM, **parameters) is not None:
        return claim
    row = await database.row(_FIND, account=account_id, request_key=key)
    if row is None:
        # Released between the two statements: the next request with this key will get it.
        raise IdempotencyKeyInUse
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.response_status is None:
        raise IdempotencyKeyInUse
    return Answer(row.response_status, row.response_body, row.order_id, replayed=True)


async def key_attach(session: Transaction, *, claim: Claim, order_id: UUID) -> None:
    """From here on the key's fate is the order's. Raises IdempotencyKeyInUse for a lost claim."""
    attached = await session.execute(_ATTACH, {**claim.parameters(), "new_order": order_id})
    if attached.first() is None:
        raise IdempotencyKeyInUse


async def key_release(database: Database, *, claim: Claim) -> None:
    """Nothing was done: the next request with this key starts afresh."""
    await database.row(_RELEASE, **claim.parameters())


async def key_refuse(database: Database, *, claim: Claim, answer: Answer) -> None:
    """The final answer of a request that made no order."""
    await database.row(_REFUSE, **claim.parameters(), **_columns(answer))


async def key_answer(session: Transaction, *, account_id: UUID, key: str, answer: Answer) -> None:
    """The final answer of a request that made an order; part of the transaction that settles it."""
    this = {"account": account_id, "request_key": key}
    await session.execute(_SETTLE, {**this, **_columns(answer)})


async def answer_of(database: Database, *, account_id: UUID, key: str) -> Answer:
    """The stored answer. Raises IdempotencyKeyInUse while there is none."""
    row = await database.row(_FIND, account=account_id, request_key=key)
    if row is None or row.response_status is None:
        raise IdempotencyKeyInUse
    return Answer(row.response_status, row.response_body, row.order_id)


def _columns(answer: Answer) -> dict[str, Json]:
    return {"answer_status": answer.status, "answer_body": answer.body}
