"""Answers of the acquirer that arrive after something else has happened."""

import asyncio
from uuid import UUID, uuid4

import pytest
from kit.db import Database

from payments import selectors, services
from payments.clients import AcquirerUnavailable, Authorization, Refund
from payments.domain import PaymentStatus


class SlowAcquirer:
    """Has done what it was asked before it is allowed to say so."""

    def __init__(self) -> None:
        self.taken = False
        self.withdrawn = False
        self.done = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.down = False

    async def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization:
        if self.withdrawn:
            return Authorization.WITHDRAWN
        self.taken = True
        await self._answer()
        return Authorization.AUTHORIZED

    async def capture(self, reference: UUID) -> bool:
        captured = not self.withdrawn
        await self._answer()
        return captured

    async def refund(self, reference: UUID) -> Refund:
        if self.down:
            raise AcquirerUnavailable("/refunds")
        self.withdrawn = True
        return Refund(taken=self.taken)

    async def _answer(self) -> None:
        self.done.set()
        await self.go_on.wait()


@pytest.fixture
def acquirer() -> SlowAcquirer:
    return SlowAcquirer()


async def authorize(database: Database, acquirer: SlowAcquirer, order_id: UUID) -> PaymentStatus:
    return await services.payment_authorize(
        database, acquirer, order_id=order_id, account_id=uuid4(), amount=5, token="tok_ok"
    )


async def test_an_authorization_answered_after_the_refund_changes_nothing(
    database: Database, acquirer: SlowAcquirer
) -> None:
    order_id = uuid4()
    acquirer.go_on.clear()
    asked = asyncio.create_task(authorize(database, acquirer, order_id))
    await acquirer.done.wait()

    refunded = await services.payment_refund(database, acquirer, order_id=order_id)
    acquirer.go_on.set()

    assert refunded is PaymentStatus.REFUNDED
    assert await asked is PaymentStatus.REFUNDED


async def test_a_capture_answered_after_the_refund_changes_nothing(
    database: Database, acquirer: SlowAcquirer
) -> None:
    order_id = uuid4()
    await authorize(database, acquirer, order_id)
    acquirer.done.clear()
    acquirer.go_on.clear()
    asked = asyncio.create_task(services.payment_capture(database, acquirer, order_id=order_id))
    await acquirer.done.wait()

    await services.payment_refund(database, acquirer, order_id=order_id)
    acquirer.go_on.set()

    assert await asked is PaymentStatus.REFUNDED


async def test_a_refund_that_failed_is_repeated(database: Database, acquirer: SlowAcquirer) -> None:
    order_id = uuid4()
    await authorize(database, acquirer, order_id)
    acquirer.down = True
    with pytest.raises(AcquirerUnavailable):
        await services.payment_refund(database, acquirer, order_id=order_id)
    status = await selectors.payment_status(database, order_id=order_id)
    assert status is PaymentStatus.AUTHORIZED

    acquirer.down = False
    refunded = await services.payment_refund(database, acquirer, order_id=order_id)
    assert refunded is PaymentStatus.REFUNDED


async def test_no_connection_is_held_while_the_acquirer_is_asked(
    database: Database, acquirer: SlowAcquirer
) -> None:
    acquirer.go_on.clear()
    order_ids = [uuid4() for _ in range(15)]
    asked = [asyncio.create_task(authorize(database, acquirer, each)) for each in order_ids]
    await acquirer.done.wait()
    statuses = [await selectors.payment_status(database, order_id=each) for each in order_ids]
    acquirer.go_on.set()
    assert len(statuses) == len(asked)
    assert set(await asyncio.gather(*asked)) == {PaymentStatus.AUTHORIZED}
