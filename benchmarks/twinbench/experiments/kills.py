"""Trade while components are killed: which of them when is decided beforehand, by a seed."""

import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from twinbench.engines.protocol import Engine
from twinbench.load.shoppers import CARDS, Finished, Shop, Shopper
from twinbench.load.traffic import Traffic

_LONGEST_WAIT: Final = 4.0
_LOOK_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class Kill:
    """After so many more requests; it stays down for so many. Time would mean less: a fast
    machine would be idle when the fault comes."""

    component: str
    after: int
    down_for: int

    def __str__(self) -> str:
        return f"{self.component} after {self.after}, down for {self.down_for} requests"


@dataclass(frozen=True, slots=True)
class Trade:
    """So many customers under these kills, spread over `orders` acknowledged orders at least."""

    kills: Sequence[Kill]
    seed: int
    shoppers: int
    orders: int = 0
    cards: Mapping[str, int] = field(default_factory=lambda: CARDS)


def plan(components: Sequence[str], *, kills: int, seed: int) -> list[Kill]:
    """Every component at least once, if there are kills enough."""
    choices = random.Random(f"kills {seed}")
    victims = choices.sample(components, len(components))[:kills]
    victims += choices.choices(components, k=max(0, kills - len(victims)))
    return [
        Kill(name, after=choices.randint(3, 30), down_for=choices.choice([0, 0, 3, 10, 25]))
        for name in victims
    ]


def carry_out(kill: Kill, engine: Engine, traffic: Traffic) -> None:
    """Returns when the component is ready again."""
    traffic.await_attempts(kill.after, at_most=_LONGEST_WAIT)
    engine.kill(kill.component, restart=False)
    traffic.await_attempts(kill.down_for, at_most=_LONGEST_WAIT)
    engine.start(kill.component)


def trade_under(trade: Trade, engine: Engine, shop: Shop) -> list[Finished]:
    """What the customers were told in the end, of every checkout that they began.

    Raises NoFinalAnswerError where one was told something wrong, or nothing for minutes.
    """
    closing = threading.Event()
    shoppers = [
        Shopper(
            shop,
            f"shopper{number}",
            random.Random(f"{trade.seed} {number}"),
            cards=trade.cards,
        )
        for number in range(trade.shoppers)
    ]
    for shopper in shoppers:
        shopper.token = shopper.sign_up(f"{shopper.name}@kills.example")
    with ThreadPoolExecutor(trade.shoppers) as pool:
        runs = [pool.submit(shopper.shop_until, closing) for shopper in shoppers]
        try:
            for number, kill in enumerate(trade.kills):
                _await_orders(shop, shoppers, trade.orders * number / len(trade.kills))
                carry_out(kill, engine, shop.traffic)
            _await_orders(shop, shoppers, trade.orders)
        finally:
            closing.set()
    for run in runs:
        run.result()
    return [one for shopper in shoppers for one in shopper.finished]


def acknowledged(finished: Sequence[Finished]) -> list[str]:
    """The ids of the orders that somebody was told are confirmed."""
    return [
        str(one.answer.json["id"]) for one in finished if one.answer.status == HTTPStatus.CREATED
    ]


def _await_orders(shop: Shop, shoppers: Sequence[Shopper], wanted: float) -> None:
    while sum(_confirmed(shopper) for shopper in shoppers) < wanted:
        shop.traffic.await_attempts(_LOOK_EVERY, at_most=_LONGEST_WAIT)


def _confirmed(shopper: Shopper) -> int:
    return sum(one.answer.status == HTTPStatus.CREATED for one in shopper.finished)
