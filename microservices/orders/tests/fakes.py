"""The services around orders, in memory, as strict about their promises as the real ones.

Any call can be made to fail at either edge: before it has an effect, or after.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from kit.errors import DependencyUnavailable

from orders.clients import Authorization, CartLine, CartSnapshot, Collaborators, Product
from orders.domain import Line, PaymentStatus

LAMP, DESK = 1, 2
STOCK = 10


class Crash(Exception):  # noqa: N818 - not an error of the code under test
    """The process dies here."""


class Edge(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Stall:
    """A call that hangs until it is let go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def hold(self) -> None:
        self.reached.set()
        await self.go_on.wait()


Fault = type[Exception] | Stall


@dataclass
class World:
    """Everything outside the orders service, and what is planned to go wrong there."""

    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._once: dict[tuple[str, Edge], Fault] = {}
        self._down: set[str] = set()
        self.cart = FakeCart(self)
        self.catalog = FakeCatalog(self)
        self.inventory = FakeInventory(self)
        self.payments = FakePayments(self)
        self.collaborators = Collaborators(
            cart=self.cart, catalog=self.catalog, inventory=self.inventory, payments=self.payments
        )

    def fail_once(self, call: str, edge: Edge, fault: Fault) -> None:
        self._once[call, edge] = fault

    def take_down(self, *services: str) -> None:
        self._down.update(services)

    def bring_up(self) -> None:
        self._down.clear()
        self._once.clear()

    @asynccontextmanager
    async def call(self, name: str) -> AsyncIterator[None]:
        self.calls.append(name)
        if name.partition(".")[0] in self._down:
            raise DependencyUnavailable
        await self._strike(name, Edge.BEFORE)
        yield
        await self._strike(name, Edge.AFTER)

    async def _strike(self, name: str, edge: Edge) -> None:
        fault = self._once.pop((name, edge), None)
        if isinstance(fault, Stall):
            await fault.hold()
        elif fault is not None:
            raise fault


class FakeCart:
    def __init__(self, world: World) -> None:
        self._world = world
        self.carts: dict[UUID, CartSnapshot] = {}

    def fill(self, account_id: UUID, lines: dict[int, int]) -> None:
        version = self.carts[account_id].version if account_id in self.carts else 0
        content = tuple(CartLine(product_id, quantity) for product_id, quantity in lines.items())
        self.carts[account_id] = CartSnapshot(version + 1, content)

    def lines(self, account_id: UUID) -> tuple[CartLine, ...]:
        return self.carts[account_id].lines

    async def snapshot(self, account_id: UUID) -> CartSnapshot:
        async with self._world.call("cart.snapshot"):
            return self.carts.get(account_id, CartSnapshot(0, ()))

    async def clear(self, account_id: UUID, *, version: int) -> None:
        async with self._world.call("cart.clear"):
            if self.carts[account_id].version == version:
                self.carts[account_id] = CartSnapshot(version + 1, ())


class FakeCatalog:
    def __init__(self, world: World) -> None:
        self._world = world
        self.known = {LAMP: Product("Lamp", 1999), DESK: Product("Desk", 15000)}

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        async with self._world.call("catalog.products"):
            return {key: self.known[key] for key in product_ids if key in self.known}


class FakeInventory:
    def __init__(self, world: World) -> None:
        self._world = world
        self.on_hand = {LAMP: STOCK, DESK: STOCK}
        self.reservations: dict[UUID, tuple[str, dict[int, int]]] = {}

    def reserved(self, product_id: int) -> int:
        return sum(
            lines.get(product_id, 0)
            for status, lines in self.reservations.values()
            if status == "reserved"
        )

    async def reserve(self, order_id: UUID, lines: Iterable[Line]) -> list[int]:
        async with self._world.call("inventory.reserve"):
            return self._reserve(order_id, {line.product_id: line.quantity for line in lines})

    def _reserve(self, order_id: UUID, wanted: dict[int, int]) -> list[int]:
        if order_id in self.reservations:
            if self.reservations[order_id][0] == "released":
                raise DependencyUnavailable
            return []
        short = [
            product_id
            for product_id, quantity in wanted.items()
            if self.on_hand[product_id] - self.reserved(product_id) < quantity
        ]
        if not short:
            self.reservations[order_id] = ("reserved", wanted)
        return sorted(short)

    async def commit(self, order_id: UUID) -> bool:
        async with self._world.call("inventory.commit"):
            status, lines = self.reservations.get(order_id, ("none", {}))
            if status == "reserved":
                self._move(lines, -1)
                self.reservations[order_id] = ("committed", lines)
            return status in ("reserved", "committed")

    async def release(self, order_id: UUID) -> None:
        async with self._world.call("inventory.release"):
            self.expire(order_id)

    def expire(self, order_id: UUID) -> None:
        status, lines = self.reservations.get(order_id, ("none", {}))
        if status == "committed":
            self._move(lines, +1)
        self.reservations[order_id] = ("released", lines)

    def _move(self, lines: dict[int, int], sign: int) -> None:
        for product_id, quantity in lines.items():
            self.on_hand[product_id] += sign * quantity


@dataclass
class Payment:
    status: PaymentStatus
    amount: int = 0


class FakePayments:
    def __init__(self, world: World) -> None:
        self._world = world
        self.payments: dict[UUID, Payment] = {}
        self.captures = 0

    async def authorize(
        self,
        order_id: UUID,
        *,
        account_id: UUID,
        amount: int,
        token: str,
    ) -> Authorization:
        async with self._world.call("payments.authorize"):
            return self._authorize(order_id, amount, token)

    def _authorize(self, order_id: UUID, amount: int, token: str) -> Authorization:
        payment = self.payments.setdefault(order_id, Payment(PaymentStatus.OPEN, amount))
        if payment.status is PaymentStatus.OPEN and token != "tok_error":
            approved = token in ("tok_ok", "tok_timeout")
            payment.status = PaymentStatus.AUTHORIZED if approved else PaymentStatus.DECLINED
        if token != "tok_timeout" and payment.status in (
            PaymentStatus.AUTHORIZED,
            PaymentStatus.DECLINED,
        ):
            return Authorization(payment.status.value)
        return Authorization.UNAVAILABLE

    async def capture(self, order_id: UUID) -> bool:
        async with self._world.call("payments.capture"):
            payment = self.payments[order_id]
            if payment.status is PaymentStatus.AUTHORIZED:
                payment.status = PaymentStatus.CAPTURED
                self.captures += 1
            return payment.status is PaymentStatus.CAPTURED

    async def refund(self, order_id: UUID) -> None:
        async with self._world.call("payments.refund"):
            payment = self.payments.setdefault(order_id, Payment(PaymentStatus.OPEN))
            if payment.status in (PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED):
                payment.status = PaymentStatus.REFUNDED
            elif payment.status is PaymentStatus.OPEN:
                payment.status = PaymentStatus.VOID

    async def status(self, order_id: UUID) -> PaymentStatus:
        async with self._world.call("payments.status"):
            payment = self.payments.get(order_id)
        return PaymentStatus.NONE if payment is None else payment.status
