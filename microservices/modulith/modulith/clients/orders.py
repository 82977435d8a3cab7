"""What orders asks for."""

from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any
from uuid import UUID

from cart.selectors import cart_snapshot
from cart.services import cart_clear
from catalog.selectors import product_summaries
from inventory import services as inventory
from inventory.errors import OutOfStock, ReservationReleased
from kit.db import Database
from kit.errors import DependencyUnavailable
from orders.clients import PAYMENT_SECONDS, Authorization, CartLine, CartSnapshot, Product
from orders.domain import Line, PaymentStatus
from payments import domain as payments_domain
from payments import services as payments
from payments.clients import Acquirer, AcquirerUnavailable
from payments.selectors import payment_status

from modulith.calls import Calls


class DirectCart:
    def __init__(self, calls: Calls, database: Database) -> None:
        self._calls, self._database = calls, database

    async def snapshot(self, account_id: UUID) -> CartSnapshot:
        found = await self._calls.make(cart_snapshot(self._database, account_id=account_id))
        return CartSnapshot(found.version, tuple(CartLine(*line) for line in found.lines))

    async def clear(self, account_id: UUID, *, version: int) -> None:
        await self._calls.make(cart_clear(self._database, account_id=account_id, version=version))


class DirectCatalog:
    def __init__(self, calls: Calls, database: Database) -> None:
        self._calls, self._database = calls, database

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        found = await self._calls.make(product_summaries(self._database, product_ids=product_ids))
        return {product.id: Product(product.name, product.price_amount) for product in found}


class DirectInventory:
    def __init__(self, calls: Calls, database: Database) -> None:
        self._calls, self._database = calls, database

    async def reserve(self, order_id: UUID, lines: Iterable[Line]) -> list[int]:
        wanted = Counter[int]()
        for line in lines:
            wanted[line.product_id] += line.quantity
        return await self._calls.make(self._reserve(order_id, wanted))

    async def _reserve(self, order_id: UUID, wanted: dict[int, int]) -> list[int]:
        try:
            await inventory.stock_reserve(self._database, order_id=order_id, lines=wanted)
        except OutOfStock as problem:
            short: list[int] = problem.extra["products"]
            return short
        return []

    async def commit(self, order_id: UUID) -> bool:
        return await self._calls.make(self._commit(order_id))

    async def _commit(self, order_id: UUID) -> bool:
        try:
            await inventory.stock_commit(self._database, order_id=order_id)
        except ReservationReleased:
            return False
        return True

    async def release(self, order_id: UUID) -> None:
        await self._calls.make(inventory.stock_release(self._database, order_id=order_id))


class DirectPayments:
    def __init__(self, calls: Calls, database: Database, acquirer: Acquirer) -> None:
        self._calls, self._database, self._acquirer = calls, database, acquirer

    async def authorize(
        self, order_id: UUID, *, account_id: UUID, amount: int, token: str
    ) -> Authorization:
        work = payments.payment_authorize(
            self._database,
            self._acquirer,
            order_id=order_id,
            account_id=account_id,
            amount=amount,
            token=token,
        )
        try:
            status = await self._calls.make(work, seconds=PAYMENT_SECONDS)
        except AcquirerUnavailable:
            return Authorization.UNAVAILABLE
        if status in payments_domain.PAYABLE:
            return Authorization.AUTHORIZED
        if status is payments_domain.PaymentStatus.DECLINED:
            return Authorization.DECLINED
        return Authorization.UNAVAILABLE

    async def capture(self, order_id: UUID) -> bool:
        work = payments.payment_capture(self._database, self._acquirer, order_id=order_id)
        return await self._moved(work) is payments_domain.PaymentStatus.CAPTURED

    async def refund(self, order_id: UUID) -> None:
        work = payments.payment_refund(self._database, self._acquirer, order_id=order_id)
        await self._moved(work)

    async def status(self, order_id: UUID) -> PaymentStatus:
        found = await self._calls.make(payment_status(self._database, order_id=order_id))
        return PaymentStatus.NONE if found is None else PaymentStatus(found.value)

    async def _moved(
        self, work: Coroutine[Any, Any, payments_domain.PaymentStatus]
    ) -> payments_domain.PaymentStatus:
        try:
            return await self._calls.make(work, seconds=PAYMENT_SECONDS)
        except AcquirerUnavailable as error:
            raise DependencyUnavailable from error
