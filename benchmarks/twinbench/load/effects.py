"""Customers who look how soon what they have done shows elsewhere in the shop."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import Any, Final

from twinbench.load.shoppers import ADDRESS, Shop, Shopper
from twinbench.load.traffic import Request

# The contract's: what follows asynchronously does so within 5 s. Past that it counts as unseen.
LIMIT_S: Final = 10.0
# The next look comes after a quarter of the time so far: coarse looks at long windows, fine ones at
# short windows, and few of them.
_LEAST_PAUSE_S: Final = 0.004
_GROWTH: Final = 0.25
_CENT: Final = 1

Look = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Window:
    """One effect, in seconds since its cause was acknowledged at `began` (time.monotonic).

    The last look that did not show it was sent after `unseen_s`, the first that did was answered
    after `seen_s` (None: none did): it became visible in between.
    """

    effect: str
    began: float
    unseen_s: float
    seen_s: float | None
    reads: int


def watch(effect: str, look: Look, began: float, *, limit_s: float = LIMIT_S) -> Window:
    """Looks until it is there."""
    unseen = 0.0
    for reads in count(1):
        asked = time.monotonic() - began
        if look():
            return Window(effect, began, unseen, time.monotonic() - began, reads)
        unseen = asked
        if asked > limit_s:
            return Window(effect, began, unseen, None, reads)
        time.sleep(max(_LEAST_PAUSE_S, _GROWTH * asked))  # paces the looking
    raise AssertionError  # count() does not end


@dataclass
class Prober:
    """One customer; `shop.products` are those that nobody else is likely to touch."""

    shop: Shop
    name: str
    choices: random.Random
    windows: list[Window] = field(default_factory=list)
    token: str = ""

    def sign_up(self) -> None:
        """Before the probing: hashing a password takes longer than most windows last."""
        shopper = Shopper(self.shop, self.name, self.choices)
        self.token = shopper.sign_up(f"{self.name}@probes.example")

    def probe_until(self, closing: threading.Event) -> None:
        with ThreadPoolExecutor(3) as pool:
            for turn in count():
                if closing.is_set():
                    return
                self._order(turn, pool)
                if turn % 4 == 1:
                    self._welcome(turn)

    def _order(self, turn: int, pool: ThreadPoolExecutor) -> None:
        product = self.choices.choice(self.shop.products)
        liked = self._recommended(product)
        if not liked:
            return
        other, score = int(liked[0]["id"]), liked[0]["score"]
        before = self._get(f"/products/{product}")
        order = self._check_out((product, other), f"{self.name} {turn}")
        began = time.monotonic()
        looks: dict[str, Look] = {
            "order: told": lambda: self._told("order-confirmed", order),
            "order: bestsellers": lambda: (
                self._get(f"/products/{product}")["sold"] > before["sold"]
            ),
            "order: recommendations": lambda: self._score(product, other) != score,
        }
        self._watch_all(looks, began, pool)
        if turn % 2:
            self._cancel(order, product, pool)
        else:
            self._ask("POST", f"/orders/{order}/ship", token=self.shop.staff)
            began = time.monotonic()
            self._watch_all({"ship: told": lambda: self._told("order-shipped", order)}, began, pool)
        if turn % 3 == 0:
            self._reprice(product, other)

    def _cancel(self, order: str, product: int, pool: ThreadPoolExecutor) -> None:
        before = self._get(f"/products/{product}")["available"]
        self._ask("POST", f"/orders/{order}/cancel")
        began = time.monotonic()
        looks: dict[str, Look] = {
            "cancel: told": lambda: self._told("order-cancelled", order),
            "cancel: money back": lambda: self._get(f"/payments/{order}")["status"] == "refunded",
            "cancel: goods back": lambda: (
                (self._get(f"/products/{product}")["available"] or 0) > (before or 0)
            ),
        }
        self._watch_all(looks, began, pool)

    def _reprice(self, product: int, other: int) -> None:
        """By a cent and back: it stays in the band of prices that scores depend on."""
        price = dict(self._get(f"/products/{other}")["price"])
        price["amount"] += _CENT if price["amount"] % 2 == 0 else -_CENT
        self._ask("PATCH", f"/products/{other}", {"price": price}, token=self.shop.staff)
        began = time.monotonic()

        def look() -> bool:
            items = self._recommended(product)
            return any(item["id"] == other and item["price"] == price for item in items)

        self.windows.append(watch("price: recommendations", look, began))

    def _welcome(self, turn: int) -> None:
        """Nobody can look before having signed in, so the window begins then."""
        shopper = Shopper(self.shop, self.name, self.choices)
        token = shopper.sign_up(f"{self.name}-{turn}@probes.example")
        began = time.monotonic()
        look: Look = lambda: self._told("welcome", None, token)  # noqa: E731
        self.windows.append(watch("account: told", look, began))

    def _watch_all(self, looks: Mapping[str, Look], began: float, pool: ThreadPoolExecutor) -> None:
        watches = [pool.submit(watch, effect, look, began) for effect, look in looks.items()]
        self.windows += [one.result() for one in watches]

    def _check_out(self, products: tuple[int, ...], key: str) -> str:
        self._ask("DELETE", "/cart", status=HTTPStatus.NO_CONTENT)
        for product in products:
            self._ask("PUT", f"/cart/items/{product}", {"quantity": 1})
        body = {"payment_token": "tok_ok", "shipping_address": {**ADDRESS, "country": "IE"}}
        request = Request("POST", "/orders", body, self.token, key)
        answer = self.shop.traffic.insist(request, lambda a: a.status == HTTPStatus.CREATED)
        return str(answer.json["id"])

    def _told(self, kind: str, order: str | None, token: str | None = None) -> bool:
        items = self._get("/notifications", token or self.token)["items"]
        return any(item["kind"] == kind and item["order_id"] == order for item in items)

    def _recommended(self, product: int) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._get(f"/products/{product}/recommendations?limit=20")[
            "items"
        ]
        return found

    def _score(self, product: int, other: int) -> float | None:
        items = self._recommended(product)
        return next((item["score"] for item in items if item["id"] == other), None)

    def _get(self, path: str, token: str | None = None) -> Any:  # noqa: ANN401 - any JSON
        request = Request("GET", path, None, token or self.token)
        return self.shop.traffic.insist(request, lambda a: a.status == HTTPStatus.OK).json

    def _ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        status: int = HTTPStatus.OK,
    ) -> None:
        request = Request(method, path, body, token or self.token)
        self.shop.traffic.insist(request, lambda answer: answer.status == status)
