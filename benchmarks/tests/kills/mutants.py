"""Arms with one guard taken out of their code: what the auditor is there to catch."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Final, LiteralString

from twinbench.audit.sources import Place
from twinbench.engines.protocol import Engine
from twinbench.load.shoppers import ADDRESS, Shop, Shopper
from twinbench.load.traffic import Answer, Request

RIVALS: Final = 6


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` is there once, in a file of the copied tree."""

    file: str
    old: str
    new: str


Drive = Callable[[Shop, Engine, str], None]
"""Does what goes wrong without the guard; the name is that of the arm's broker."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`told` is part of a line that the auditor must say. `schema`: the guard's second half, which
    the database keeps."""

    edits: tuple[Edit, ...]
    components: tuple[str, ...]
    drive: Drive
    told: str
    schema: tuple[Place, LiteralString] | None = None


def buy_the_last_one(shop: Shop, _engine: Engine, _broker: str) -> None:
    """Many at once."""
    rivals = [_shopper(shop, f"rival{number}") for number in range(RIVALS)]
    for rival in rivals:
        _put(rival, shop.products[0])
    with ThreadPoolExecutor(RIVALS) as pool:
        for told in [pool.submit(_check_out, rival, "tok_ok", "last") for rival in rivals]:
            told.result()


def let_events_come_again(shop: Shop, engine: Engine, broker: str) -> None:
    """A broker that has been away is sent the last seconds' events again."""
    shopper = _shopper(shop, "regular")
    for product in shop.products[1:]:
        _put(shopper, product)
    assert _check_out(shopper, "tok_ok", "again").status == 201
    engine.kill(broker, restart=False)
    engine.start(broker)


def ship_what_is_cancelled(shop: Shop, _engine: Engine, _broker: str) -> None:
    shopper = _shopper(shop, "fickle")
    _put(shopper, shop.products[1])
    order = _check_out(shopper, "tok_ok", "fickle").json["id"]
    for action, token, status in (("cancel", shopper.token, 200), ("ship", shop.staff, 409)):
        request = Request("POST", f"/orders/{order}/{action}", None, token)
        assert shop.traffic.insist(request, lambda answer: answer.status < 500).status == status


def be_declined(shop: Shop, _engine: Engine, _broker: str) -> None:
    shopper = _shopper(shop, "poor")
    _put(shopper, shop.products[2])
    assert _check_out(shopper, "tok_declined", "poor").problem == "payment-declined"


def _shopper(shop: Shop, name: str) -> Shopper:
    shopper = Shopper(shop, name, Random(name))
    shopper.token = shopper.sign_up(f"{name}@mutants.example")
    return shopper


def _put(shopper: Shopper, product: int) -> None:
    path = f"/cart/items/{product}"
    request = Request("PUT", path, {"quantity": 1}, shopper.token)
    shopper.shop.traffic.insist(request, lambda answer: answer.status == 200)


def _check_out(shopper: Shopper, card: str, key: str) -> Answer:
    body = {"payment_token": card, "shipping_address": {**ADDRESS, "country": "IE"}}
    request = Request("POST", "/orders", body, shopper.token, f"{shopper.name} {key}")
    final = {"out-of-stock", "payment-declined", "payment-unavailable"}
    return shopper.shop.traffic.insist(
        request, lambda answer: answer.status == 201 or answer.problem in final
    )


_MONOLITH: Final = {
    "no row lock": Mutant(
        (
            Edit(
                "monolith/shop/inventory/services.py",
                "for row in Stock.objects.select_for_update()\n        .filter(",
                "for row in Stock.objects.filter(",
            ),
            Edit(
                "monolith/shop/inventory/services.py",
                "    if short := short_products(lines, stock):",
                '    _execute("SELECT pg_sleep(0.1), %s", order_id)\n'
                "    if short := short_products(lines, stock):",
            ),
        ),
        ("monolith-web", "monolith-worker"),
        buy_the_last_one,
        "on hand, 0 reserved",
        (
            Place("monolith-db"),
            "ALTER TABLE inventory_stock DROP CONSTRAINT stock_reserved_on_hand",
        ),
    ),
    "no inbox": Mutant(
        (
            Edit(
                "monolith/shop/platform/inbox.py",
                "        if _take(event.id, handler):\n            handler_named",
                "        handler_named",
            ),
        ),
        ("monolith-worker",),
        let_events_come_again,
        "sold, not",
    ),
    "publish before commit": Mutant(
        (
            Edit(
                "monolith/shop/platform/outbox.py",
                "    event.save(force_insert=True)\n"
                "    transaction.on_commit(partial(_send, [(event, name) for name in names]))",
                "    _send([(event, name) for name in names])",
            ),
            Edit(
                "monolith/shop/orders/services.py",
                "    if not order_move(order_id, action, **changes):",
                '    early = {"order_id": str(order_id), "account_id": str(owner)}\n'
                "    outbox.publish(EVENTS[action], early)\n"
                "    if not order_move(order_id, action, **changes):",
            ),
        ),
        ("monolith-web", "monolith-worker"),
        ship_what_is_cancelled,
        "has 1 order-shipped",
    ),
    "dropped compensation": Mutant(
        (
            Edit(
                "monolith/shop/orders/settlement.py",
                "        inventory.release(order_id=order_id)\n        answer",
                "        answer",
            ),
        ),
        ("monolith-web", "monolith-worker"),
        be_declined,
        "(rejected) is reserved",
    ),
}
_MICROSERVICES: Final = {
    "no row lock": Mutant(
        (
            Edit(
                "microservices/inventory/inventory/services.py",
                "        .order_by(Stock.product_id)\n        .with_for_update()\n    )",
                "        .order_by(Stock.product_id)\n    )\n"
                '    await session.execute(text("SELECT pg_sleep(0.1)"))',
            ),
        ),
        ("inventory",),
        buy_the_last_one,
        "on hand, 0 reserved",
        (
            Place("inventory-db"),
            "ALTER TABLE stock DROP CONSTRAINT ck_stock_reserved_on_hand",
        ),
    ),
    "no inbox": Mutant(
        (
            Edit(
                "microservices/kit/kit/inbox.py",
                '    new = (await session.execute(_RECEIVE, {"event_id": event.id})).first()'
                " is not None",
                "    new = True",
            ),
        ),
        ("catalog", "recommendations", "notifications"),
        let_events_come_again,
        "sold, not",
    ),
    "publish before commit": Mutant(
        (
            Edit(
                "microservices/orders/orders/services.py",
                "        if not shipped:\n",
                "        async with database.transaction() as early:\n"
                "            await events.publish_shipped(\n"
                "                early, order_id=order_id, account_id=order.account_id\n"
                "            )\n"
                "        if not shipped:\n",
            ),
        ),
        ("orders",),
        ship_what_is_cancelled,
        "has 1 order-shipped",
    ),
    "dropped compensation": Mutant(
        (
            Edit(
                "microservices/orders/orders/saga.py",
                "work = [_reached(self.collaborators.inventory.release(order.id))]",
                "work = []",
            ),
        ),
        ("orders",),
        be_declined,
        "(rejected) is reserved",
    ),
}
MUTANTS: Final[Mapping[str, Mapping[str, Mutant]]] = {
    "monolith": _MONOLITH,
    "microservices": _MICROSERVICES,
}
