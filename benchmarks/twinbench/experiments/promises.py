"""How the contract lets the shop degrade, asked for while the fault holds and after it.

A customer of their own asks, beside the load: what is seen is an observation, not a sample.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import orjson

from twinbench.experiments.faults import Fault
from twinbench.load.plan import Shop
from twinbench.load.preparation import PASSWORD, answer

# Signed in nowhere else: the generator's customers are the first ones of the dataset.
_CUSTOMER: Final = "customer150@shop.example"
_ADDRESS: Final = {
    "name": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_TIMEOUT_S: Final = 8.0
# CONTRACT: notifications follow within 5 s; and a little for the asking.
_TOLD_WITHIN_S: Final = 5.5
_POLL_S: Final = 0.1

REACHABLE: Final = "available is null while inventory is unreachable"
QUEUED: Final = "orders go on without the broker, and notices follow"
PAID: Final = "an order without the acquirer is refused, and not lost"


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a promise: whether it was kept, and what was seen."""

    promise: str
    kept: bool
    what: str


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer who is signed in, and what they buy."""

    gateway: str
    token: str
    product: int

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and body; 0 and the reason where there is no answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if path == "/orders" and method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        request = urllib.request.Request(  # noqa: S310 - an address of our own
            f"{self.gateway}/api/v1{path}",
            None if body is None else orjson.dumps(body),
            headers,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as found:  # noqa: S310 - our own
                return found.status, _decoded(found.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, _decoded(refusal.read())
        except OSError as error:
            return 0, str(error)


Asking = Callable[[Asker], Callable[[], Seen]]
"""Asks while the fault holds; what it returns is called when the fault is over, and tells."""


def asker_at(shop: Shop) -> Asker:
    """Signed in before anything fails. Raises PreparationError."""
    session = answer(
        shop.base_url, "/sessions", method="POST", body={"email": _CUSTOMER, "password": PASSWORD}
    )
    return Asker(shop.base_url, session["access_token"], shop.products[0])


def promise_of(fault: Fault, component: str) -> Asking | None:
    """What the contract promises of such a fault, where it strikes this component."""
    if fault.role == "broker" and fault.kind in {"down", "SIGSTOP"}:
        return _orders_go_on
    if fault.role == "acquirer" and fault.kind in {"down", "cut"}:
        return _payment_is_refused
    unreachable = fault.kind in {"error", "hang", "SIGSTOP"} and fault.share == 1.0
    # Where inventory is a part of the process, it is reachable whenever anything is.
    if fault.capability == "inventory" and component == "inventory" and unreachable:
        return _stock_is_unknown
    return None


def _stock_is_unknown(asker: Asker) -> Callable[[], Seen]:
    status, body = asker.ask("GET", f"/products/{asker.product}")
    kept = status == HTTPStatus.OK and body["available"] is None
    what = f"{status}, available {body.get('available')}" if isinstance(body, dict) else f"{status}"
    return lambda: Seen(REACHABLE, kept, what)


def _orders_go_on(asker: Asker) -> Callable[[], Seen]:
    status, body = _order(asker)
    if status != HTTPStatus.CREATED:
        return lambda: Seen(QUEUED, False, _told(status, body))

    def follow() -> Seen:
        deadline = time.monotonic() + _TOLD_WITHIN_S
        while time.monotonic() < deadline:
            found, inbox = asker.ask("GET", "/notifications?limit=100")
            if found == HTTPStatus.OK and any(
                item.get("order_id") == body["id"] for item in inbox["items"]
            ):
                return Seen(QUEUED, True, "201, then the notice")
            time.sleep(_POLL_S)
        return Seen(QUEUED, False, "201, but no notice in time")

    return follow


def _payment_is_refused(asker: Asker) -> Callable[[], Seen]:
    status, body = _order(asker)
    kept = status == HTTPStatus.SERVICE_UNAVAILABLE
    return lambda: Seen(PAID, kept, _told(status, body))


def _order(asker: Asker) -> tuple[int, Any]:
    item = f"/cart/items/{asker.product}"
    status, body = asker.ask("PUT", item, {"quantity": 1})
    if status != HTTPStatus.OK:
        return status, body
    return asker.ask("POST", "/orders", {"payment_token": "tok_ok", "shipping_address": _ADDRESS})


def _told(status: int, body: Any) -> str:  # noqa: ANN401 - as it was decoded
    return f"{status} {body.get('type', '')}" if isinstance(body, dict) else f"{status} {body}"


def _decoded(content: bytes) -> Any:  # noqa: ANN401 - as it comes
    try:
        return orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        return content[:100].decode("utf-8", "replace")
