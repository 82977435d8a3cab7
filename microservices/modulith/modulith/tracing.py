"""Direct calls in a traced answer: with them, the same entries that calls over HTTP have.

So what a call costs in any case can be told from what the network adds.
"""

import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from kit import tracing
from kit.http import CALL_SECONDS
from kit.tracing import Call, Metered

from modulith.calls import Calls

T = TypeVar("T")

# What is called directly, and the operation that does the same over HTTP.
OPERATIONS: Final = {
    "DirectInventory._commit": "inventory POST /internal/reservations/{order_id}/commit",
    "DirectInventory._reserve": "inventory POST /internal/reservations",
    "available_units": "inventory POST /internal/stock/availability",
    "cart_clear": "cart POST /internal/carts/{account_id}/clear",
    "cart_snapshot": "cart GET /internal/carts/{account_id}",
    "payment_authorize": "payments POST /internal/payments/{order_id}/authorize",
    "payment_capture": "payments POST /internal/payments/{order_id}/capture",
    "payment_refund": "payments POST /internal/payments/{order_id}/refund",
    "payment_status": "payments GET /internal/payments/{order_id}",
    "product_summaries": "catalog POST /internal/products/batch",
    "stock_release": "inventory POST /internal/reservations/{order_id}/release",
}


class TracedCalls(Calls):
    """In place of `Calls` where answers are to tell of them."""

    async def make(self, work: Coroutine[Any, Any, T], *, seconds: float = CALL_SECONDS) -> T:
        trace = tracing.current()
        if trace is None:
            return await super().make(work, seconds=seconds)
        call = Call(time.perf_counter(), "")
        try:
            return await super().make(_telling(call, work), seconds=seconds)
        finally:
            call.end()
            if call.told:
                trace.called(call)
            else:
                trace.lost += 1


async def _telling(call: Call, work: Coroutine[Any, Any, T]) -> T:
    began, metered = time.perf_counter(), Metered(work)
    try:
        return await metered
    finally:
        own = 1000 * (time.perf_counter() - began)
        call.told = tracing.told_of(OPERATIONS[work.__qualname__], own=own, cpu=metered.cpu)
