"""One arm's shop, and the everyday things that a scenario asks of it."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from driver.arms import Arm, Credentials
from driver.http import Answer, Caller, Observer, Params, ignore, open_client

PASSWORD: Final = "correct horse battery staple"
ADDRESS: Final[dict[str, str]] = {
    "name": "Ada Lovelace",
    "street": "1 High Street",
    "city": "Dublin",
    "postal_code": "D01 F5P2",
    "country": "IE",
}
FEWEST_CATEGORIES: Final = 3
"""Two for the scenarios, and the last for random histories alone."""
SETTLED_WITHIN: Final = 5.0
"""Seconds within which notifications, sold counts and recommendations follow."""
T = TypeVar("T")


class ShopUnusableError(Exception):
    """The arm is not there, or not as the suites need it."""


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(6)}"


def order_body(token: str = "tok_ok", **address: str) -> dict[str, Any]:
    return {"payment_token": token, "shipping_address": ADDRESS | address}


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def succeeded(answer: Answer, status: int) -> Any:
    """The body of an answer that must have this status."""
    if answer.status != status:
        raise AssertionError(f"{answer}: status {answer.status}, not {status}")
    return answer.body


def eventually(look: Callable[[], T], good: Callable[[T], bool], within: float) -> T:
    """What `look` sees once it is good, or last saw when the time is up."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if good(seen) or time.monotonic() > deadline:
            return seen
        # Paces the polling of another process; the condition above decides, not the pause.
        time.sleep(0.05)


def walk(
    caller: Caller, path: str, params: Params = (), *, limit: int
) -> list[list[dict[str, Any]]]:
    """Every page of a list."""
    pages: list[list[dict[str, Any]]] = []
    cursor: Params = ()
    while True:
        page = succeeded(caller.get(path, [*params, ("limit", str(limit)), *cursor]), 200)
        pages.append(page["items"])
        if page["next_cursor"] is None:
            return pages
        if len(page["items"]) != limit:
            raise AssertionError(f"{path}: a page of {len(page['items'])} that is not the last")
        cursor = [("cursor", page["next_cursor"])]


@dataclass(frozen=True, slots=True)
class Customer:
    caller: Caller
    account: dict[str, Any]
    email: str

    def put_in_cart(self, product: dict[str, Any], quantity: int = 1) -> Any:
        path = f"/cart/items/{product['id']}"
        return succeeded(self.caller.put(path, {"quantity": quantity}), 200)

    def checkout(self, token: str = "tok_ok", key: str | None = None, **address: str) -> Answer:
        headers = {"Idempotency-Key": key or unique("key")}
        return self.caller.post("/orders", order_body(token, **address), headers=headers)

    def order(self, product: dict[str, Any], quantity: int = 1) -> dict[str, Any]:
        """A confirmed order of one product."""
        self.put_in_cart(product, quantity)
        placed: dict[str, Any] = succeeded(self.checkout(), 201)
        return placed


class Shop:
    def __init__(self, arm: Arm, staff: Credentials, observer: Observer = ignore) -> None:
        self.arm = arm
        self._credentials = staff
        self.client = open_client(arm.url)
        self.anonymous = Caller(self.client, observer)

    def sign_in(self, email: str, password: str = PASSWORD) -> Caller:
        answer = self.anonymous.post("/sessions", {"email": email, "password": password})
        return self.anonymous.bearing(succeeded(answer, 201)["access_token"])

    @cached_property
    def staff(self) -> Caller:
        return self.sign_in_staff()

    def sign_in_staff(self) -> Caller:
        try:
            return self.sign_in(self._credentials.email, self._credentials.password)
        except AssertionError as error:
            raise ShopUnusableError(
                f"{self._credentials.email} cannot sign in; is the dataset loaded? {error}"
            ) from error

    @cached_property
    def categories(self) -> list[str]:
        return self.require_categories()

    def require_categories(self) -> list[str]:
        items = succeeded(self.anonymous.get("/categories"), 200)["items"]
        if len(items) < FEWEST_CATEGORIES:
            raise ShopUnusableError("fewer than three categories; is the dataset loaded?")
        return [item["slug"] for item in items]

    def register(self, name: str = "Ada Lovelace") -> Customer:
        email = f"{unique('ada')}@example.com"
        body = {"email": email, "password": PASSWORD, "name": name}
        account = succeeded(self.anonymous.post("/accounts", body), 201)
        return Customer(self.sign_in(email), account, email)

    def add_product(self, *, price: int = 1999, stock: int | None = 10, **fields: Any) -> Any:
        body = {
            "name": unique("Probe"),
            "category": self.categories[0],
            "price": money(price),
        } | fields
        product = succeeded(self.staff.post("/products", body), 201)
        if stock is not None:
            self.stock(product, stock)
        return product

    def stock(self, product: dict[str, Any], on_hand: int) -> Any:
        answer = self.staff.put(f"/inventory/{product['id']}", {"on_hand": on_hand})
        return succeeded(answer, 200)

    def stock_of(self, product: dict[str, Any]) -> dict[str, int]:
        found = succeeded(self.staff.get(f"/inventory/{product['id']}"), 200)
        return {key: found[key] for key in ("on_hand", "reserved", "available")}

    def product(self, product: dict[str, Any]) -> Any:
        return succeeded(self.anonymous.get(f"/products/{product['id']}"), 200)

    def close(self) -> None:
        self.client.close()
