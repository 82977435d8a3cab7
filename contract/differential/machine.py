"""The random history: customers, staff and strangers, in any order, right and wrong."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from differential import requests as ask
from differential.call import Call
from differential.mistakes import Mistakes
from differential.rules import rule
from differential.world import STAFF, TAG
from driver.shop import ADDRESS, unique


class Histories(Mistakes):
    # -- accounts ------------------------------------------------------------------------------

    @rule(who=ask.customer, password=ask.password, upper=st.booleans())
    def sign_in(self, who: str, password: str | None, upper: bool) -> None:
        email = f"{who.upper()}.{TAG}@EXAMPLE.com" if upper else f"{who}.{TAG}@example.com"
        body = {"email": email, "password": password}
        self._call("nobody", "POST", "/sessions", body)

    @rule(who=ask.customer, upper=st.booleans(), password=ask.password)
    def register_again(self, who: str, upper: bool, password: str | None) -> None:
        email = f" {who.upper()}.{TAG}@EXAMPLE.com\t" if upper else f"{who}.{TAG}@example.com"
        self._call(
            "nobody", "POST", "/accounts", {"email": email, "password": password, "name": "X"}
        )

    # -- catalog and stock ---------------------------------------------------------------------

    @rule(who=ask.mostly_staff, fields=ask.product_fields)
    def add_product(self, who: str, fields: dict[str, Any]) -> None:
        self._add_product(who, self._known(fields))

    @rule(who=ask.mostly_staff, product=ask.index, fields=ask.product_fields)
    def change_product(self, who: str, product: int, fields: dict[str, Any]) -> None:
        path = f"/products/{self.ledger.product(product)}"
        self.world.step(Call(who, "PATCH", path, json=self._tagged(self._known(fields))))

    @rule(3, who=ask.mostly_staff, product=ask.index, on_hand=ask.stock)
    def set_stock(self, who: str, product: int, on_hand: Any) -> None:
        path = f"/inventory/{self.ledger.product(product)}"
        self.world.step(Call(who, "PUT", path, json={"on_hand": on_hand}))

    @rule(4, who=ask.anyone, what=ask.things, number=ask.index)
    def see(self, who: str, what: str, number: int) -> None:
        product, order = self.ledger.product(number), self.ledger.order(number)
        if (who, what) != (STAFF, "/accounts/me"):
            self._call(who, "GET", what.format(product=product, order=order))

    @rule(2, sort=ask.sort, size=ask.page_size, low=st.none() | ask.small, here=st.booleans())
    def find_products(self, sort: str, size: str, low: int | None, here: bool) -> None:
        params = [("search", TAG), ("sort", sort), ("limit", size)]
        params += [("min_price", str(low))] if low is not None else []
        params += [("category", self.category)] if here else []
        self._walk("/products", params)

    @rule(word=st.sampled_from(ask.WORDS), sort=ask.browse_sort, size=ask.page_size,
          category=st.integers(0, 50))  # fmt: skip
    def browse(self, word: str, sort: str, size: str, category: int) -> None:
        """The dataset's own products: no suite makes any in these categories."""
        slug = self.untouched[category % len(self.untouched)]
        self._walk(
            "/products", [("search", word), ("category", slug), ("sort", sort), ("limit", size)]
        )

    # -- cart and orders -----------------------------------------------------------------------

    @rule(4, who=ask.anyone, product=ask.index, quantity=ask.quantity)
    def put_in_cart(self, who: str, product: int, quantity: Any) -> None:
        path = f"/cart/items/{self.ledger.product(product)}"
        if who != STAFF:
            self.world.step(Call(who, "PUT", path, json={"quantity": quantity}))

    @rule(8, who=ask.customer, product=ask.index, quantity=st.integers(1, 3), token=ask.token,
          then=ask.then)  # fmt: skip
    def buy(self, who: str, product: int, quantity: int, token: Any, then: str) -> None:
        self._call(who, "DELETE", "/cart")
        path = f"/cart/items/{self.ledger.product(product)}"
        self._call(who, "PUT", path, {"quantity": quantity})
        order = self.ledger.next_order()
        self.check_out(who, token, None, "Dublin")
        if then == "again":
            self.check_out_again(who, other_city=False)
        elif then:
            self._call(STAFF if then == "ship" else who, "POST", f"/orders/<{order}>/{then}")

    @rule(4, who=ask.customer, first=ask.index, second=ask.index, token=ask.token)
    def buy_two(self, who: str, first: int, second: int, token: Any) -> None:
        for product, quantity in ((first, 2), (second, 1)):
            path = f"/cart/items/{self.ledger.product(product)}"
            self._call(who, "PUT", path, {"quantity": quantity})
        self.check_out(who, token, None, "Dublin")

    @rule(who=ask.anyone, product=ask.index)
    def take_out_of_cart(self, who: str, product: int) -> None:
        if who != STAFF:
            self._call(who, "DELETE", f"/cart/items/{self.ledger.product(product)}")

    @rule(who=ask.anyone, clear=st.booleans())
    def see_or_clear_cart(self, who: str, clear: bool) -> None:
        if who != STAFF:
            self._call(who, "DELETE" if clear else "GET", "/cart")

    @rule(3, who=ask.customer, token=ask.token, key=ask.key, city=ask.city)
    def check_out(self, who: str, token: Any, key: int | None, city: str | None) -> None:
        """Keys 0 to 2 come again and again; None is a fresh one."""
        body = {"payment_token": token, "shipping_address": ADDRESS | {"city": city}}
        value = unique("fresh") if key is None else f"{who}-{key}"
        headers = {"Idempotency-Key": value}
        symbol = self.ledger.next_order()
        self._call(who, "POST", "/orders", body, headers=headers, makes=symbol)

    @rule(2, who=ask.customer, other_city=st.booleans())
    def check_out_again(self, who: str, other_city: bool) -> None:
        """The same key again, and the same body or another."""
        call = self.ledger.last_checkout.get(who)
        if call is not None:
            address = ADDRESS | {"city": "Limerick"}
            body = call.json | {"shipping_address": address} if other_city else call.json
            self.world.step(replace(call, json=body, makes=self.ledger.next_order()))

    @rule(2, who=ask.customer, size=ask.page_size)
    def see_orders(self, who: str, size: str) -> None:
        self._walk("/orders", [("limit", size)], who)

    @rule(3, who=st.none() | ask.anyone, order=ask.index)
    def cancel(self, who: str | None, order: int) -> None:
        """None is the one who ordered."""
        path = f"/orders/{self.ledger.order(order)}/cancel"
        self._call(who or self.ledger.owner(order), "POST", path)

    @rule(2, who=ask.mostly_staff, order=ask.index)
    def ship(self, who: str, order: int) -> None:
        self._call(who, "POST", f"/orders/{self.ledger.order(order)}/ship")
