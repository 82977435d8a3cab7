"""What customers and staff do with orders."""

from typing import Any
from uuid import UUID, uuid4

from kit.db import Database
from kit.errors import DependencyUnavailable, NotFound

from orders import domain, events, idempotency, selectors, transitions
from orders.clients import CartSnapshot, Collaborators
from orders.domain import Line
from orders.errors import CartEmpty, OrderNotConfirmed
from orders.idempotency import Answer, Claim
from orders.records import OrderRecord
from orders.saga import Saga


async def order_place(saga: Saga, *, account_id: UUID, key: str, body: dict[str, Any]) -> Answer:
    """Orders what is in the cart. `body` is the request's, already found valid."""
    claim = await idempotency.key_claim(
        saga.database, account_id=account_id, key=key, fingerprint=domain.fingerprint(body)
    )
    if isinstance(claim, Answer):
        return claim
    try:
        cart = await saga.collaborators.cart.snapshot(account_id)
        lines = await _priced(saga.collaborators, cart)
    except DependencyUnavailable:
        await idempotency.key_release(saga.database, claim=claim)
        raise
    if not lines:
        return await _refuse_empty(saga.database, claim)
    order_id = uuid4()
    async with saga.database.transaction() as session:
        await idempotency.key_attach(session, claim=claim, order_id=order_id)
        order = await transitions.order_open(
            session,
            order_id=order_id,
            account_id=account_id,
            idempotency_key=key,
            cart_version=cart.version,
            lines=lines,
            shipping_address=body["shipping_address"],
        )
    return await saga.place(order, payment_token=body["payment_token"])


async def order_cancel(saga: Saga, *, account_id: UUID, order_id: UUID) -> OrderRecord:
    """Cancels a confirmed order of the account, gives back its money and its stock."""
    async with saga.database.transaction() as session:
        cancelled = await transitions.order_cancel(
            session, order_id=order_id, account_id=account_id
        )
        order = await selectors.order_get(session, order_id=order_id)
        if order is None or order.account_id != account_id:
            raise NotFound
        if not cancelled:
            raise OrderNotConfirmed
        await events.publish_cancelled(session, order_id=order_id, account_id=account_id)
    await saga.undo(order)
    return order


async def order_ship(database: Database, *, order_id: UUID) -> OrderRecord:
    async with database.transaction() as session:
        shipped = await transitions.order_ship(session, order_id=order_id)
        order = await selectors.order_get(session, order_id=order_id)
        if order is None:
            raise NotFound
        if not shipped:
            raise OrderNotConfirmed
        await events.publish_shipped(session, order_id=order_id, account_id=order.account_id)
    return order


async def _priced(collaborators: Collaborators, cart: CartSnapshot) -> tuple[Line, ...]:
    """The cart's lines at today's prices, by product id."""
    if not cart.lines:
        return ()
    products = await collaborators.catalog.products([line.product_id for line in cart.lines])
    return tuple(
        Line(line.product_id, *products[line.product_id], line.quantity)
        for line in sorted(cart.lines)
        if line.product_id in products
    )


async def _refuse_empty(database: Database, claim: Claim) -> Answer:
    problem = CartEmpty()
    answer = Answer.of(problem.status, problem.body())
    await idempotency.key_refuse(database, claim=claim, answer=answer)
    return answer
