"""The end of a history: what follows later must come, and the final state must be the same."""

from collections import Counter
from http import HTTPStatus
from typing import Any

from differential.call import Call
from differential.ledger import Ledger
from differential.normal import normal_body
from differential.world import NOBODY, STAFF, TAG, Side, World
from driver.shop import SETTLED_WITHIN

LARGEST_SHARED_ID = 1000
"""The smallest dataset's products; their ids are the same on every arm."""


def settle_everything(world: World) -> None:
    """Raises DifferenceError unless all that is due follows and the final state is the same."""
    ledger = world.ledger
    for who in ledger.inboxes:
        if who in world.sides[0].callers:
            _inbox(world, ledger, who)
    for number, symbol in enumerate(ledger.products):
        _sold(world, ledger, symbol)
        world.look(Call(NOBODY, "GET", f"/products/<{symbol}>"))
        world.look(Call(STAFF, "GET", f"/inventory/<{symbol}>"))
        _recommendations(world, number, symbol)
    for symbol, owner in ledger.owners.items():
        world.look(Call(owner, "GET", f"/orders/<{symbol}>"))
        world.look(Call(owner, "GET", f"/payments/<{symbol}>"))
        world.look(Call(STAFF, "GET", f"/orders/<{symbol}>"))
    search = [("search", TAG), ("sort", "bestselling"), ("limit", "100")]
    world.look(Call(NOBODY, "GET", "/products", params=search))
    for owner in set(ledger.owners.values()):
        world.look(Call(owner, "GET", "/cart"))
        world.look(Call(owner, "GET", "/orders", params=[("limit", "100")]))


def _inbox(world: World, ledger: Ledger, who: str) -> None:
    """Just the notifications that are due, each once; their order is that of their arrival."""
    expected = ledger.inboxes[who]

    def look(side: Side) -> list[list[Any]]:
        body = side.callers[who].get("/notifications", [("limit", "100")]).body
        named = normal_body(side.names, body["items"], frozenset({"id"}))
        return sorted(
            ([item["kind"], item["order_id"], item["subject"], item["body"]] for item in named),
            key=str,
        )

    def complete(seen: list[list[Any]]) -> bool:
        return Counter((kind, order_id) for kind, order_id, *_ in seen) == expected

    world.settle(f"{who}'s notifications", look, SETTLED_WITHIN, complete)


def _sold(world: World, ledger: Ledger, symbol: str) -> None:
    expected = ledger.sold[int(world.sides[0].names.actual[symbol])]

    def look(side: Side) -> Any:
        return side.callers[NOBODY].get(side.names.fill(f"/products/<{symbol}>")).body["sold"]

    world.settle(f"sold of {symbol}", look, SETTLED_WITHIN, lambda seen: bool(seen == expected))


def _recommended(side: Side, item: dict[str, Any]) -> list[Any]:
    """Products of other histories go by name: their ids may differ from arm to arm."""
    found = side.names.product(item["id"])
    known = found if isinstance(found, str) or found <= LARGEST_SHARED_ID else None
    return [known, item["name"], item["price"], item["score"]]


def _recommendations(world: World, number: int, symbol: str) -> None:
    """All twenty of the first product, the default five of the others."""
    params = [] if number else [("limit", "20")]

    def look(side: Side) -> Any:
        path = side.names.fill(f"/products/<{symbol}>/recommendations")
        answer = side.callers[NOBODY].get(path, params)
        if answer.status != HTTPStatus.OK:
            return [answer.status]
        return [200, [_recommended(side, item) for item in answer.body["items"]]]

    world.settle(
        f"recommendations of {symbol}",
        look,
        SETTLED_WITHIN,
        lambda seen: bool(seen[0] == HTTPStatus.OK),
    )
