"""Payments that crash or stall at a given point: the process ends there, or sleeps there."""

import threading
from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from shop.payments import public, services
from shop.payments.clients import Acquirer, Authorization, HttpAcquirer, Refund
from shop.payments.public import PaymentStatus

# In between, everything that lasts is written, or nothing: these are all the states that a
# process can leave behind. "asked": the acquirer has acted, the shop has not heard of it.
AUTHORIZE = ["before authorize", "authorize asked", "after authorize"]
CAPTURE = ["before capture", "capture asked", "after capture"]
REFUND = ["before refund", "refund asked", "after refund"]

Pass = Callable[[str], None]


class Crash(BaseException):
    """The end of a process: no handler for ordinary errors may stop it."""


class FaultyAcquirer(Acquirer):
    def __init__(self, reach: Pass) -> None:
        self._reach = reach
        self._real = HttpAcquirer(settings.ACQUIRER_URL)

    def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization:
        authorization = self._real.authorize(reference, amount=amount, token=token)
        self._reach("authorize asked")
        return authorization

    def capture(self, reference: UUID) -> bool:
        captured = self._real.capture(reference)
        self._reach("capture asked")
        return captured

    def refund(self, reference: UUID) -> Refund:
        refund = self._real.refund(reference)
        self._reach("refund asked")
        return refund


class FaultyPayments:
    """Real payments at the real acquirer; `reach` is told of every point passed."""

    def __init__(self, reach: Pass) -> None:
        self._reach = reach
        self._acquirer = FaultyAcquirer(reach)

    def status(self, *, order_id: UUID) -> PaymentStatus | None:
        return public.status(order_id=order_id)

    def authorize(self, *, order_id: UUID, token: str) -> PaymentStatus:
        self._reach("before authorize")
        status = services.payment_authorize(order_id=order_id, token=token, acquirer=self._acquirer)
        self._reach("after authorize")
        return status

    def capture(self, *, order_id: UUID) -> PaymentStatus:
        self._reach("before capture")
        status = services.payment_capture(order_id=order_id, acquirer=self._acquirer)
        self._reach("after capture")
        return status

    def refund(self, *, order_id: UUID) -> PaymentStatus:
        self._reach("before refund")
        status = services.payment_refund(order_id=order_id, acquirer=self._acquirer)
        self._reach("after refund")
        return status


def crashing(point: str) -> FaultyPayments:
    def reach(passed: str) -> None:
        if passed == point:
            raise Crash(point)

    return FaultyPayments(reach)


def failing(point: str, error: Exception) -> FaultyPayments:
    def reach(passed: str) -> None:
        if passed == point:
            raise error

    return FaultyPayments(reach)


class Stalling(FaultyPayments):
    """Stops at the point until `wake`; `stalled` says that it has got there."""

    def __init__(self, point: str) -> None:
        self._point = point
        self.stalled = threading.Event()
        self.wake = threading.Event()
        super().__init__(self._stop)

    def _stop(self, passed: str) -> None:
        if passed == self._point:
            self.stalled.set()
            assert self.wake.wait(timeout=20)
