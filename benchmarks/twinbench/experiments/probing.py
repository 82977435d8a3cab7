"""Probes beside whatever an arm is doing, and what they have seen as rows."""

import random
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from twinbench.load import plan
from twinbench.load.effects import Prober, Window
from twinbench.load.shoppers import Shop
from twinbench.load.traffic import Traffic
from twinbench.results.rows import TrialRow, WindowRow

# Of the thousand bestsellers the last: the load's customers rarely come to them.
_UNPOPULAR: Final = 40


@dataclass(frozen=True, slots=True)
class Step:
    """What is under way: a part of what an arm goes through, numbered as a trial."""

    number: int
    block: int
    arm: str
    part: str


@contextmanager
def probing(
    gateway: str, known: plan.Shop, step: Step, *, count: int, seed: int
) -> Iterator[list[Prober]]:
    """So many probers at work until the block ends; they finish what they have begun.

    Raises NoFinalAnswerError where one was answered wrongly.
    """
    shop = Shop(Traffic(gateway), known.products[-_UNPOPULAR:], known.staff_token)
    probers = [
        Prober(shop, f"prober{step.number}-{n}", random.Random(f"{seed} {step.number} {n}"))
        for n in range(count)
    ]
    for prober in probers:
        prober.sign_up()
    closing = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        runs = [pool.submit(prober.probe_until, closing) for prober in probers]
        try:
            yield probers
        finally:
            closing.set()
        for run in runs:
            run.result()


def window_rows(step: Step, windows: Iterable[Window]) -> Iterator[WindowRow]:
    for one in windows:
        yield WindowRow(
            trial=step.number,
            block=step.block,
            arm=step.arm,
            part=step.part,
            effect=one.effect,
            unseen_ms=1000 * one.unseen_s,
            seen_ms=None if one.seen_s is None else 1000 * one.seen_s,
            reads=one.reads,
        )


def inside(window: Window, row: TrialRow) -> bool:
    """Whether its cause was acknowledged while the trial measured."""
    at = window.began - row.origin_ns / 1e9
    return row.warmup_s <= at <= row.warmup_s + row.measure_s
