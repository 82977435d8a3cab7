"""What every history starts from, and how it calls."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from differential import requests as ask
from differential.call import Call
from differential.world import NOBODY, STAFF, TAG, World
from driver.http import Answer
from driver.shop import PASSWORD

MOST_PAGES: Final = 4
FIRST_PRODUCTS: Final = ((1999, 30), (501, 5), (0, 50), (250_000, 1))


class History:
    """Rules never assert anything themselves: `World.step` compares."""

    def __init__(self, world: World, categories: Sequence[str]) -> None:
        """The suites share the first two categories; the last is for histories."""
        self.world = world
        self.category = categories[-1]
        self.untouched = categories[2:-1] or [self.category]
        self.ledger = world.ledger

    def open_shop(self) -> None:
        for who in ask.CUSTOMERS:
            self._register(who, f"{who}.{TAG}@example.com")
        for price, on_hand in FIRST_PRODUCTS:
            made = self._add_product(STAFF, {"price": {"amount": price, "currency": "EUR"}})
            self._call(STAFF, "PUT", f"/inventory/{made}", {"on_hand": on_hand})

    def _call(self, who: str, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        if json is not None:
            more["json"] = json
        return self.world.step(Call(who, method, path, **more))

    def _register(self, who: str, email: str) -> None:
        body = {"email": email, "password": PASSWORD, "name": who.title()}
        self._call("nobody", "POST", "/accounts", body)
        body.pop("name")
        self._call("nobody", "POST", "/sessions", body, admits=who)

    def _add_product(self, who: str, fields: dict[str, Any]) -> str:
        body = {
            "name": "Probe",
            "category": self.category,
            "price": {"amount": 100, "currency": "EUR"},
        } | fields
        symbol = self.ledger.next_product()
        self._call(who, "POST", "/products", self._tagged(body), makes=symbol)
        return f"<{symbol}>"

    def _tagged(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A name that a search for this history finds."""
        name = fields.get("name")
        return fields | {"name": f"{name} {TAG}"} if isinstance(name, str) and name else fields

    def _walk(self, path: str, params: list[tuple[str, str]], who: str = NOBODY) -> None:
        """Page after page, each arm with its own cursor."""
        sent = params
        for page in range(MOST_PAGES):
            symbol = f"cursor:{page}"
            answer = self._call(
                who, "GET", path, params=sent, makes=symbol, named_by=("next_cursor",)
            )
            if answer.status != HTTPStatus.OK or answer.body["next_cursor"] is None:
                return
            sent = [*params, ("cursor", f"<{symbol}>")]

    def _known(self, body: Any) -> Any:
        if isinstance(body, dict) and body.get("category") == "<category>":
            return body | {"category": self.category}
        return body
