"""The journeys, and a probe for testing the generator itself. Ordinary Locust code."""

from typing import Final
from uuid import UUID

from twinbench.load.users import ShopUser

API: Final = "/api/v1"
_ADDRESS: Final = {
    "name": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


class Browse(ShopUser):
    """Search, look through a category, open a product, see what goes with it."""

    def journey(self) -> None:
        random = self.flight.random
        term = random.choice(self.stage.shop.search_terms)
        self.step("GET", f"{API}/products?search={term}", "search")
        self.think()
        category = random.choice(self.stage.shop.categories)
        self.step("GET", f"{API}/products?category={category}&sort=bestselling", "list")
        self.think()
        product = self.product_id()
        self.step("GET", f"{API}/products/{product}", "product")
        self.think()
        self.step("GET", f"{API}/products/{product}/recommendations", "recommendations")


class Buy(ShopUser):
    """Open a product, put it into the cart, check the cart, order, look at the order."""

    def journey(self) -> None:
        random = self.flight.random
        token = self.flight.customer.token
        product = self.product_id()
        self.step("GET", f"{API}/products/{product}", "product")
        self.think()
        quantity = {"quantity": random.randint(1, 3)}
        item = f"{API}/cart/items/{product}"
        self.step("PUT", item, "add to cart", json=quantity, token=token)
        self.think()
        self.step("GET", f"{API}/cart", "cart", token=token)
        self.think()
        order = self.step(
            "POST",
            f"{API}/orders",
            "order",
            json={"payment_token": "tok_ok", "shipping_address": _ADDRESS},
            token=token,
            headers={"Idempotency-Key": str(UUID(int=random.getrandbits(128), version=4))},
        )
        self.think()
        self.step("GET", f"{API}/orders/{order['id']}", "order status", token=token)


class Account(ShopUser):
    """Sign in, see the account, the orders and the inbox."""

    def journey(self) -> None:
        customer = self.flight.customer
        credentials = {"email": customer.email, "password": customer.password}
        session = self.step("POST", f"{API}/sessions", "sign in", json=credentials)
        token = session["access_token"]
        self.step("GET", f"{API}/accounts/me", "account", token=token)
        self.think()
        self.step("GET", f"{API}/orders", "order history", token=token)
        self.think()
        self.step("GET", f"{API}/notifications", "notifications", token=token)


class Operate(ShopUser):
    """As staff: look at a product's stock, add to it, set a new price."""

    def journey(self) -> None:
        token = self.stage.shop.staff_token
        product = self.product_id()
        stock = self.step("GET", f"{API}/inventory/{product}", "stock", token=token)
        self.think()
        on_hand = {"on_hand": stock["on_hand"] + 1000}
        self.step("PUT", f"{API}/inventory/{product}", "restock", json=on_hand, token=token)
        self.think()
        price = {"price": {"amount": self.flight.random.randint(500, 50_000), "currency": "EUR"}}
        self.step("PATCH", f"{API}/products/{product}", "set price", json=price, token=token)


class Recommend(ShopUser):
    """Go from product to product by what goes with each: a part of the mix where that is hot."""

    def journey(self) -> None:
        for product in range(4):
            if product:
                self.think()
            path = f"{API}/products/{self.product_id()}/recommendations"
            self.step("GET", path, "recommendations")


class Probe(ShopUser):
    """One request to the root: the generator measures a server whose truth is known."""

    def journey(self) -> None:
        self.step("GET", "/", "probe")


JOURNEYS: Final[dict[str, type[ShopUser]]] = {
    "browse": Browse,
    "buy": Buy,
    "account": Account,
    "operate": Operate,
    "recommend": Recommend,
    "probe": Probe,
}
