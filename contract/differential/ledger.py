"""What a history has made so far, by symbol, and what must follow from it."""

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus

from differential.call import Call
from driver.http import Answer

UNKNOWN_ORDER = "00000000-0000-4000-8000-000000000000"
_CHANGES = {"/cancel": "order-cancelled", "/ship": "order-shipped"}


@dataclass(slots=True)
class Ledger:
    """Reads the first arm's answers: `sold` goes by its ids, all else by symbols."""

    products: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    inboxes: dict[str, Counter[tuple[str, str | None]]] = field(default_factory=dict)
    sold: Counter[int] = field(default_factory=Counter)
    last_checkout: dict[str, Call] = field(default_factory=dict)

    def note(self, call: Call, answer: Answer) -> None:
        if call.path == "/accounts" and answer.status == HTTPStatus.CREATED:
            who = call.json["email"].partition(".")[0].strip().lower()
            self.inboxes[who] = Counter({("welcome", None): 1})
        elif call.path == "/products" and answer.status == HTTPStatus.CREATED:
            self.products.append(call.makes)
        elif call.path == "/orders" and call.method == "POST":
            if isinstance(call.json, dict):
                self.last_checkout[call.who] = call
            if call.made(answer) is not None:
                self._ordered(call, answer)
        elif call.path.startswith("/orders/<") and answer.status == HTTPStatus.OK:
            self._changed(call)

    def _ordered(self, call: Call, answer: Answer) -> None:
        self.owners[call.makes] = call.who
        if answer.status == HTTPStatus.CREATED:
            self.inboxes[call.who]["order-confirmed", f"<{call.makes}>"] += 1
            for line in answer.body["lines"]:
                self.sold[line["product_id"]] += line["quantity"]

    def _changed(self, call: Call) -> None:
        symbol, end, change = call.path.removeprefix("/orders/<").partition(">")
        if end and change in _CHANGES and call.method == "POST":
            self.inboxes[self.owners[symbol]][_CHANGES[change], f"<{symbol}>"] += 1

    def next_product(self) -> str:
        return f"product:{len(self.products)}"

    def next_order(self) -> str:
        return f"order:{len(self.owners)}"

    def product(self, index: int) -> str:
        return f"<{self.products[index % len(self.products)]}>"

    def owner(self, index: int) -> str:
        owners = list(self.owners.values())
        return owners[index % len(owners)] if owners else next(iter(self.inboxes))

    def order(self, index: int) -> str:
        orders = list(self.owners)
        return f"<{orders[index % len(orders)]}>" if orders else UNKNOWN_ORDER
