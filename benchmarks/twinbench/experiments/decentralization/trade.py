"""Orders to be reported: the same in every arm, by seed, one after the other."""

import random
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from twinbench.load.preparation import PASSWORD
from twinbench.load.shoppers import ADDRESS, Shop, sign_in
from twinbench.load.traffic import Request

CUSTOMERS: Final = 4
_MOST_LINES: Final = 3


class Trade:
    """Customers who have signed up in this shop and buy what it sells."""

    def __init__(self, shop: Shop, *, seed: int) -> None:
        self._shop, self._random = shop, random.Random(seed)
        self._tokens = [self._signed_up(number) for number in range(CUSTOMERS)]
        self._keys = self._numbers(seed)

    def order(self) -> str:
        """Places one order; its id, once it is acknowledged. Raises NoFinalAnswerError."""
        token = self._random.choice(self._tokens)
        count = self._random.randint(1, _MOST_LINES)
        for product in self._random.sample(self._shop.products, count):
            body = {"quantity": self._random.randint(1, _MOST_LINES)}
            self._insist(Request("PUT", f"/cart/items/{product}", body, token), HTTPStatus.OK)
        order = {"payment_token": "tok_ok", "shipping_address": {**ADDRESS, "country": "IE"}}
        request = Request("POST", "/orders", order, token, next(self._keys))
        return str(self._insist(request, HTTPStatus.CREATED)["id"])

    def _signed_up(self, number: int) -> str:
        email = f"reported-{number}@shop.example"
        body = {"email": email, "password": PASSWORD, "name": f"Customer {number}"}
        self._insist(Request("POST", "/accounts", body), HTTPStatus.CREATED)
        return sign_in(self._shop.traffic, email)

    def _insist(self, request: Request, status: HTTPStatus) -> dict[str, object]:
        answer = self._shop.traffic.insist(request, lambda found: found.status == status)
        told: dict[str, object] = answer.json
        return told

    @staticmethod
    def _numbers(seed: int) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"reported-{seed}-{number}"


def told_again(shop: Shop) -> None:
    """Each product at its own price once more, so that who learns by events learns of it."""
    for product in shop.products:
        found = shop.traffic.insist(
            Request("GET", f"/products/{product}"), lambda answer: answer.status == HTTPStatus.OK
        )
        request = Request(
            "PATCH", f"/products/{product}", {"price": found.json["price"]}, shop.staff
        )
        shop.traffic.insist(request, lambda answer: answer.status == HTTPStatus.OK)
