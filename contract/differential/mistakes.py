"""What nobody should send."""

from typing import Any

from hypothesis import strategies as st

from differential import requests as ask
from differential.call import Call
from differential.history import History
from differential.rules import rule
from differential.world import STAFF
from driver.openapi import Operation, operation
from driver.shop import unique


class Mistakes(History):
    @rule(who=ask.anyone, case=ask.bad_bodies(), product=ask.index)
    def send_bad_body(self, who: str, case: dict[str, Any], product: int) -> None:
        called = operation(case["operation"])
        path = called.path.replace("{product_id}", self.ledger.product(product))
        headers = {"Idempotency-Key": unique("bad")}
        self.world.step(
            Call(who, called.method, path, json=self._known(case["body"]), headers=headers)
        )

    @rule(who=ask.anyone, case=ask.queries())
    def send_bad_query(self, who: str, case: dict[str, Any]) -> None:
        path = operation(case["operation"]).path.replace("{product_id}", self.ledger.product(0))
        params = [(name, value) for name, value in case["params"]]
        self.world.step(Call(who, "GET", path, params=params))

    @rule(who=ask.anyone, method=ask.methods, path=ask.paths)
    def send_anywhere(self, who: str, method: str, path: str) -> None:
        if (who, path) != (STAFF, "/cart"):
            self._call(who, method, path)

    @rule(who=ask.anyone, called=ask.writing, content=ask.contents, media_type=ask.content_types,
          key=st.booleans())  # fmt: skip
    def send_raw(
        self, who: str, called: Operation, content: bytes, media_type: str, key: bool
    ) -> None:
        path = called.path.replace("{product_id}", "999999999999").replace("{order_id}", "x")
        headers = {"Content-Type": media_type} if media_type else {}
        headers |= {"Idempotency-Key": unique("raw")} if key else {}
        self.world.step(Call(who, called.method, path, content=content, headers=headers))

    @rule(who=ask.anyone, product=ask.product_ids, order=ask.order_ids, called=st.integers(0, 7))
    def ask_for_nothing(self, who: str, product: str, order: str, called: int) -> None:
        method, path, body = (
            ("GET", f"/products/{product}", None),
            ("PATCH", f"/products/{product}", {}),
            ("GET", f"/inventory/{product}", None),
            ("PUT", f"/cart/items/{product}", {"quantity": 1}),
            ("GET", f"/products/{product}/recommendations", None),
            ("GET", f"/orders/{order}", None),
            ("POST", f"/orders/{order}/ship", None),
            ("GET", f"/payments/{order}", None),
        )[called]
        self._call(who, method, path, body)
