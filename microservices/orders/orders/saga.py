"""The saga of one order: reserve, authorise, commit, capture, confirm; or reject and undo.

What makes it safe against crashes, and against requests that stall and wake up late:
- An order leaves `pending` once, in one guarded update, together with its key's stored answer.
- A rejection is decided first and undone afterwards; nothing is undone before it is decided.
- Every call is idempotent by order id, and what was undone refuses to be done later.
- No transaction is open during a call. The lease says who is at work; it never guards data.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from kit.db import DATABASE_ERRORS, Database
from kit.errors import DependencyUnavailable, Problem

from orders import domain, events, idempotency, transitions
from orders.clients import Authorization, Collaborators
from orders.domain import OrderStatus, PaymentStatus, Rejection, Step
from orders.errors import OrderUnsettled, OutOfStock, PaymentDeclined, PaymentUnavailable
from orders.idempotency import Answer
from orders.records import OrderRecord
from orders.schemas import order_output
from orders.transitions import NoLongerPending

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saga:
    database: Database
    collaborators: Collaborators

    async def place(self, order: OrderRecord, *, payment_token: str) -> Answer:
        """Takes a new order to its end. Raises OrderUnsettled when recovery has to."""
        try:
            return await self._reserve(order, payment_token)
        except NoLongerPending:
            # This request stalled and recovery has settled the order meanwhile.
            return await idempotency.answer_of(
                self.database, account_id=order.account_id, key=order.idempotency_key
            )
        except DATABASE_ERRORS as error:
            raise OrderUnsettled(order_id=str(order.id)) from error

    async def resume(self, order: OrderRecord) -> None:
        """Settles an order whose request died or gave up; what fails is left for the next time."""
        try:
            match order.status:
                case OrderStatus.PENDING:
                    await self._resume_pending(order)
                case OrderStatus.REJECTED | OrderStatus.CANCELLED:
                    await self.undo(order)
                case OrderStatus.CONFIRMED | OrderStatus.SHIPPED:
                    if await self._clear_cart(order):
                        await self._settle(order)
        except (DependencyUnavailable, OrderUnsettled) as problem:
            log.warning("order %s cannot be settled yet: %s", order.id, problem)
        except NoLongerPending:
            log.info("order %s was settled by another", order.id)

    async def undo(self, order: OrderRecord) -> None:
        """Returns money and stock of an order that is rejected or cancelled; never raises for
        a service that cannot be reached: recovery repeats it."""
        work = [_reached(self.collaborators.inventory.release(order.id))]
        if domain.may_have_payment(order.step):
            work.append(_reached(self.collaborators.payments.refund(order.id)))
        if all(await asyncio.gather(*work)):
            await self._settle(order)

    async def _reserve(self, order: OrderRecord, payment_token: str) -> Answer:
        try:
            short = await self.collaborators.inventory.reserve(order.id, order.lines)
        except DependencyUnavailable:
            return await self._reject(order, Rejection.PAYMENT_UNAVAILABLE)
        if short:
            return await self._reject(order, Rejection.OUT_OF_STOCK, short)
        return await self._authorize(await self._advance(order, Step.RESERVED), payment_token)

    async def _authorize(self, order: OrderRecord, payment_token: str) -> Answer:
        try:
            authorization = await self.collaborators.payments.authorize(
                order.id, account_id=order.account_id, amount=order.total, token=payment_token
            )
        except DependencyUnavailable:
            authorization = Authorization.UNAVAILABLE
        match authorization:
            case Authorization.AUTHORIZED:
                return await self._complete(await self._advance(order, Step.AUTHORIZED))
            case Authorization.DECLINED:
                return await self._reject(order, Rejection.PAYMENT_DECLINED)
            case Authorization.UNAVAILABLE:
                return await self._reject(order, Rejection.PAYMENT_UNAVAILABLE)

    async def _complete(self, order: OrderRecord) -> Answer:
        """From an authorised payment to the confirmed order."""
        try:
            if not await self.collaborators.inventory.commit(order.id):
                return await self._reject(order, Rejection.PAYMENT_UNAVAILABLE)
            order = await self._advance(order, Step.COMMITTED)
            if not await self.collaborators.payments.capture(order.id):
                return await self._reject(order, Rejection.PAYMENT_UNAVAILABLE)
        except DependencyUnavailable as error:
            await transitions.order_yield(self.database, order=order)
            raise OrderUnsettled(order_id=str(order.id)) from error
        return await self._confirm(order, cart_cleared=await self._clear_cart(order))

    async def _confirm(self, order: OrderRecord, *, cart_cleared: bool) -> Answer:
        async with self.database.transaction() as session:
            confirmed = await transitions.order_confirm(session, order=order, owes=not cart_cleared)
            answer = Answer.of(HTTPStatus.CREATED, order_output(confirmed), order.id)
            await idempotency.key_answer(
                session, account_id=order.account_id, key=order.idempotency_key, answer=answer
            )
            await events.publish_confirmed(
                session, order_id=order.id, account_id=order.account_id, lines=order.lines
            )
        return answer

    async def _reject(
        self, order: OrderRecord, rejection: Rejection, short: Sequence[int] = ()
    ) -> Answer:
        problem = _problem(order, rejection, short)
        answer = Answer.of(problem.status, problem.body(), order.id)
        async with self.database.transaction() as session:
            rejected = await transitions.order_reject(session, order=order, rejection=rejection)
            await idempotency.key_answer(
                session, account_id=order.account_id, key=order.idempotency_key, answer=answer
            )
        await self.undo(rejected)
        return answer

    async def _resume_pending(self, order: OrderRecord) -> None:
        payment = PaymentStatus.NONE
        if domain.must_ask_payments(order.step):
            payment = await self.collaborators.payments.status(order.id)
        rejection = domain.rejection_of_abandoned(order.step, payment)
        if rejection is None:
            await self._complete(order)
        else:
            await self._reject(order, rejection)

    async def _advance(self, order: OrderRecord, step: Step) -> OrderRecord:
        return await transitions.order_advance(self.database, order=order, step=step)

    async def _settle(self, order: OrderRecord) -> None:
        await transitions.order_settle(self.database, order=order)

    async def _clear_cart(self, order: OrderRecord) -> bool:
        cart = self.collaborators.cart
        return await _reached(cart.clear(order.account_id, version=order.cart_version))


async def _reached(call: Awaitable[None]) -> bool:
    try:
        await call
    except DependencyUnavailable:
        return False
    return True


def _problem(order: OrderRecord, rejection: Rejection, short: Sequence[int]) -> Problem:
    match rejection:
        case Rejection.OUT_OF_STOCK:
            return OutOfStock(products=list(short), order_id=str(order.id))
        case Rejection.PAYMENT_DECLINED:
            return PaymentDeclined(order_id=str(order.id))
        case Rejection.PAYMENT_UNAVAILABLE:
            return PaymentUnavailable(order_id=str(order.id))
