"""The catalog, in memory."""

from collections.abc import Sequence

from kit.errors import DependencyUnavailable

from cart.clients import Product

LAMP, DESK = 1, 2
MANY = range(100, 160)


class FakeCatalog:
    def __init__(self) -> None:
        self.known = {LAMP: Product("Lamp", 1999), DESK: Product("Desk", 15000)}
        self.known |= {number: Product(f"Thing {number}", number) for number in MANY}
        self.asked: list[list[int]] = []
        self.down = False

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        self.asked.append(list(product_ids))
        if self.down:
            raise DependencyUnavailable
        return {key: self.known[key] for key in product_ids if key in self.known}
