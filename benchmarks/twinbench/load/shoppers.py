"""Customers who order, cancel and are shipped to, whatever becomes of the shop meanwhile."""

import random
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus

from twinbench.load.preparation import PASSWORD, STAFF
from twinbench.load.traffic import Answer, NoFinalAnswerError, Request, Traffic

CARDS = {
    "tok_ok": 12,
    "tok_slow": 2,
    "tok_declined": 2,
    "tok_error": 1,
    "tok_timeout": 1,
    "tok_of_nobody": 1,
}
ADDRESS = {"name": "Ada", "street": "High Street", "city": "Dublin", "postal_code": "D01"}
QUICK_CARDS = {"tok_ok": 12, "tok_declined": 2}
"""Whoever waits with these does not wait for the bank."""
PLENTY, SCARCE = 100_000, 40
_TWICE = 0.2
_FINAL_PROBLEMS = {"payment-declined", "payment-unavailable", "out-of-stock"}


@dataclass(frozen=True, slots=True)
class Finished:
    """A checkout with its final answer."""

    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Shop:
    """What is sold and by whom. The last product is scarce."""

    traffic: Traffic
    products: tuple[int, ...]
    staff: str


@dataclass
class Shopper:
    """One customer. All that is random in what they want comes from `choices`."""

    shop: Shop
    name: str
    choices: random.Random
    token: str = ""
    cards: Mapping[str, int] = field(default_factory=lambda: CARDS)
    finished: list[Finished] = field(default_factory=list)

    def sign_up(self, email: str) -> str:
        body = {"email": email, "password": PASSWORD, "name": self.name}
        # Taken: an earlier attempt, whose answer was lost, had made it.
        self.shop.traffic.insist(
            Request("POST", "/accounts", body),
            lambda answer: answer.status == HTTPStatus.CREATED or answer.problem == "email-taken",
        )
        return sign_in(self.shop.traffic, email)

    def shop_until(self, closing: threading.Event) -> None:
        visits = 0
        while not closing.is_set():
            visits += 1
            if visits % 5 == 0:
                self.token = self.sign_up(f"{self.name}-{visits}@kills.example")
            self._fill_cart()
            self._visit(f"{self.name}-{visits}")

    def _fill_cart(self) -> None:
        self._insist("DELETE", "/cart", 204)
        for product in self.choices.sample(self.shop.products, self.choices.randint(1, 3)):
            body = {"quantity": self.choices.randint(1, 3)}
            self._insist("PUT", f"/cart/items/{product}", 200, body=body)

    def _visit(self, key: str) -> None:
        card = self.choices.choices(list(self.cards), list(self.cards.values()))[0]
        body = {"payment_token": card, "shipping_address": {**ADDRESS, "country": "IE"}}
        request = Request("POST", "/orders", body, self.token, key)
        twice = self.choices.random() < _TWICE
        change = self.choices.choices(["none", "cancel", "ship", "both"], [12, 3, 3, 2])[0]
        answer = self._check_out_twice(request) if twice else self._check_out(request)
        self.finished.append(Finished(request, answer))
        if answer.status == HTTPStatus.CREATED:
            self._change(f"/orders/{answer.json['id']}", change)

    def _check_out(self, request: Request) -> Answer:
        return self.shop.traffic.insist(
            request,
            lambda answer: answer.status == HTTPStatus.CREATED or answer.problem in _FINAL_PROBLEMS,
        )

    def _check_out_twice(self, request: Request) -> Answer:
        """At once, as an impatient browser does."""
        with ThreadPoolExecutor(1) as other:
            second = other.submit(self._check_out, request)
            first = self._check_out(request)
            if first.body != second.result().body:
                raise NoFinalAnswerError(f"{request.key}: {first}, but also {second.result()}")
        return first

    def _change(self, order: str, change: str) -> None:
        """Once done, it cannot be done again: 409 may follow an answer that was lost."""
        with ThreadPoolExecutor(2) as pool:
            calls = []
            if change in {"cancel", "both"}:
                calls.append(pool.submit(self._insist, "POST", f"{order}/cancel", 200, 409))
            if change in {"ship", "both"}:
                staff = self.shop.staff
                path = f"{order}/ship"
                calls.append(pool.submit(self._insist, "POST", path, 200, 409, token=staff))
            for call in calls:
                call.result()

    def _insist(
        self, method: str, path: str, *good: int, body: object = None, token: str | None = None
    ) -> Answer:
        request = Request(method, path, body, token or self.token)
        return self.shop.traffic.insist(request, lambda answer: answer.status in good)


def sign_in(traffic: Traffic, email: str) -> str:
    body = {"email": email, "password": PASSWORD}
    answer = traffic.insist(
        Request("POST", "/sessions", body), lambda a: a.status == HTTPStatus.CREATED
    )
    return str(answer.json["access_token"])


def open_shop(traffic: Traffic, *, products: int) -> Shop:
    """The bestsellers, with stock of which all is known."""
    staff = sign_in(traffic, STAFF)
    path = f"/products?sort=bestselling&limit={products}"
    found = traffic.insist(Request("GET", path), lambda answer: answer.status == HTTPStatus.OK)
    ids = tuple(int(item["id"]) for item in found.json["items"])
    for product in ids:
        body = {"on_hand": SCARCE if product == ids[-1] else PLENTY}
        request = Request("PUT", f"/inventory/{product}", body, staff)
        traffic.insist(request, lambda answer: answer.status == HTTPStatus.OK)
    return Shop(traffic, ids, staff)
