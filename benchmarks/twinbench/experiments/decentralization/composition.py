"""The report as the services' way without a store of its own: asked of three, put together here.

What it asks for, the services do not have: `patches/composition.patch` adds it to them.
"""

import http.client
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from twinbench.experiments.decentralization.tokens import authorization
from twinbench.load.preparation import PreparationError

SALE_OWNERS: Final = ("orders", "accounts", "catalog")

Sale = tuple[str, str, str, int, int]
"""Category, month, customer's name, units, amount in minor units."""


@dataclass(frozen=True, slots=True)
class Composition:
    """`addresses` of the services by name, and the `secret` of tokens between services."""

    addresses: Mapping[str, str]
    secret: str

    def sales(self) -> tuple[list[Sale], int]:
        """The report, in order, and how many requests it took. Raises PreparationError."""
        totals: Counter[tuple[str, str, str]] = Counter()
        units: Counter[tuple[str, str, str]] = Counter()
        requests = 0
        names: dict[str, str] = {}
        categories: dict[int, str] = {}
        for lines in self._pages():
            requests += 1
            if not lines:
                break
            accounts = sorted({line["account_id"] for line in lines} - names.keys())
            if accounts:
                requests += 1
                body = {"account_ids": accounts}
                found = self._ask("accounts", "POST", "/internal/accounts/batch", body)
                names |= {one["id"]: one["name"] for one in found}
            products = sorted({line["product_id"] for line in lines} - categories.keys())
            if products:
                requests += 1
                body = {"product_ids": products}
                found = self._ask("catalog", "POST", "/internal/products/batch", body)
                categories |= {one["id"]: one["category"] for one in found}
            for line in lines:
                key = (
                    categories[line["product_id"]],
                    line["created_at"][:7],
                    names[line["account_id"]],
                )
                units[key] += line["quantity"]
                totals[key] += line["quantity"] * line["unit_price"]
        return [(*key, units[key], totals[key]) for key in sorted(units)], requests

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        after = str(UUID(int=0))
        while True:
            lines = self._ask("orders", "GET", f"/internal/sales?after={after}")
            yield lines
            after = lines[-1]["order_id"]

    def _ask(
        self, callee: str, method: str, path: str, body: object = None
    ) -> list[dict[str, Any]]:
        host, _, port = self.addresses[callee].rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            headers = {"Authorization": authorization(self.secret, "reports", callee)}
            content = None
            if body is not None:
                content = orjson.dumps(body)
                headers["Content-Type"] = "application/json"
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise PreparationError(f"{callee} answers {method} {path} with {answer.status}")
        items: list[dict[str, Any]] = orjson.loads(raw)["items"]
        return items
