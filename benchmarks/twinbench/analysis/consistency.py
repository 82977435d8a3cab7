"""What keeping data apart costs in agreement: windows, orders left pending, effects, reads."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twinbench.analysis.levels import Level, positive_level
from twinbench.analysis.percentiles import enough_for, percentiles
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.results.store import Run

LOCAL: Final = "catalog"
PARTS: Final = ("idle", "load")
KILLS: Final = "kills"
# No card that is used is slow: what is pending for longer was left so.
LEFT_S: Final = 1.0

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class EffectWindow:
    """One effect of one arm in one part, in milliseconds since its cause was acknowledged.

    `p50` is the geometric mean over trials of each one's median; `p99` and `most` are of all trials
    together, for none alone has enough (`p99` None: not all together either). All are upper bounds:
    an effect was visible before it was seen, at the median by no more than `within_ms`. `unseen`
    ones had not come when waiting for them was given up; they count as infinite.
    """

    effect: str
    part: str
    arm: str
    count: int
    p50: float
    p99: float | None
    most: float
    within_ms: float
    unseen: int


@dataclass(frozen=True, slots=True)
class Left:
    """Orders that a fault left pending for longer than a second: how many and how long, seconds.

    `completed` of them were confirmed in the end, the others undone. `settled_s` is the longest
    time from the return of the last component until nothing was left to do.
    """

    arm: str
    kills: int
    count: int
    completed: int
    p50: float | None
    most: float | None
    settled_s: float


@dataclass(frozen=True, slots=True)
class Effects:
    """Of one kind, over all blocks: those due, missing and too many."""

    effect: str
    arm: str
    due: int
    lost: int
    doubled: int


@dataclass(frozen=True, slots=True)
class ReadCost:
    """One kind of read: milliseconds and CPU-milliseconds per answer, means over blocks.

    `beyond_local` is how many times the local read's CPU this one takes; `against` sets that beside
    the same of the run's first arm, so that what differs between frameworks falls out.
    """

    read: str
    arm: str
    ms: Level
    cpu_ms: Level
    beyond_local: Estimate
    against: Estimate | None


@dataclass(frozen=True, slots=True)
class Consistency:
    """All that a run shows; not `sound` where an arm has no valid trial under load."""

    arms: tuple[str, ...]
    rate: float
    blocks: int
    sound: bool
    windows: tuple[EffectWindow, ...]
    left: tuple[Left, ...]
    effects: tuple[Effects, ...]
    reads: tuple[ReadCost, ...]


def consistency(run: Run) -> Consistency:
    configuration = run.document["configuration"]
    arms = tuple(configuration["arms"])
    trials = run.trials.to_pylist()
    valid = {row["trial"] for row in trials if row["valid"]}
    sound = all(any(row["valid"] for row in trials if row["arm"] == arm) for arm in arms)
    voided = {row["trial"] for row in trials} - valid if sound else set[int]()
    windows = [row for row in run.tables["windows"].to_pylist() if row["trial"] not in voided]
    reads = run.tables["reads"].to_pylist()
    return Consistency(
        arms=arms,
        rate=configuration["rate"],
        blocks=len({row["block"] for row in trials}),
        sound=sound,
        windows=tuple(_windows(windows, arms)),
        left=tuple(_left(run, arm, configuration["kills"]) for arm in arms),
        effects=tuple(_effects(run.tables["tallies"].to_pylist(), arms)),
        reads=tuple(_reads(reads, arms)),
    )


def _windows(rows: Rows, arms: Sequence[str]) -> Iterable[EffectWindow]:
    for effect in dict.fromkeys(sorted(row["effect"] for row in rows)):
        for part in PARTS:
            for arm in arms:
                own = [
                    row
                    for row in rows
                    if (row["effect"], row["part"], row["arm"]) == (effect, part, arm)
                ]
                if own:
                    yield _window(effect, part, arm, own)


def _window(effect: str, part: str, arm: str, rows: Rows) -> EffectWindow:
    by_trial: dict[int, list[float]] = {}
    for row in rows:
        by_trial.setdefault(row["trial"], []).append(_seen(row))
    whole = np.array([seen for own in by_trial.values() for seen in own])
    medians = [percentiles(np.array(own), (0.5,))[0] for own in by_trial.values()]
    gaps = [_seen(row) - row["unseen_ms"] for row in rows]
    return EffectWindow(
        effect=effect,
        part=part,
        arm=arm,
        count=len(whole),
        p50=float(np.exp(np.mean(np.log(medians)))),
        p99=percentiles(whole, (0.99,))[0] if enough_for(len(whole), 0.99) else None,
        most=float(np.max(whole)),
        within_ms=percentiles(np.array(gaps), (0.5,))[0],
        unseen=int(np.sum(np.isinf(whole))),
    )


def _seen(row: Mapping[str, Any]) -> float:
    return math.inf if row["seen_ms"] is None else float(row["seen_ms"])


def _left(run: Run, arm: str, kills: int) -> Left:
    rows = [row for row in run.tables["pending"].to_pylist() if row["arm"] == arm]
    left = [row for row in rows if row["pending_s"] > LEFT_S]
    seconds = np.array([row["pending_s"] for row in left])
    tallies = run.tables["tallies"].to_pylist()
    trials = {row["trial"] for row in tallies if row["arm"] == arm and row["part"] == KILLS}
    audits = [row for row in run.tables["audits"].to_pylist() if row["trial"] in trials]
    return Left(
        arm=arm,
        kills=kills * len(trials),
        count=len(left),
        completed=sum(row["status"] not in {"rejected", "lost"} for row in left),
        p50=percentiles(seconds, (0.5,))[0] if left else None,
        most=float(np.max(seconds)) if left else None,
        settled_s=max((row["settled_s"] for row in audits), default=0.0),
    )


def _effects(rows: Rows, arms: Sequence[str]) -> Iterable[Effects]:
    """A block's books are opened when its data are reset and again before its kills: of either,
    the last tally has all."""
    last: dict[tuple[str, int, bool, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["trial"]):
        last[row["arm"], row["block"], row["part"] == KILLS, row["effect"]] = row
    for effect in dict.fromkeys(row["effect"] for row in rows):
        for arm in arms:
            own = [
                row for (whose, _, _, what), row in last.items() if (whose, what) == (arm, effect)
            ]
            yield Effects(
                effect,
                arm,
                due=sum(row["due"] for row in own),
                lost=sum(row["lost"] for row in own),
                doubled=sum(row["doubled"] for row in own),
            )


def _reads(rows: Rows, arms: Sequence[str]) -> Iterable[ReadCost]:
    """Block by block: the kinds of a block are read back to back."""
    cpu: dict[tuple[str, str], list[float]] = {}
    wall: dict[tuple[str, str], list[float]] = {}
    for row in sorted(rows, key=lambda row: row["block"]):
        key = (row["arm"], row["read"])
        cpu.setdefault(key, []).append(1000 * row["cpu_seconds"] / row["requests"])
        wall.setdefault(key, []).append(1000 * row["seconds"] / row["requests"])
    base = arms[0]
    for read in dict.fromkeys(sorted(row["read"] for row in rows)):
        for arm in arms:
            beyond = log_ratios(cpu[arm, read], cpu[arm, LOCAL])
            others = log_ratios(cpu[base, read], cpu[base, LOCAL])
            crossing = arm != base and read != LOCAL and len(beyond) == len(others)
            yield ReadCost(
                read=read,
                arm=arm,
                ms=positive_level(wall[arm, read]),
                cpu_ms=positive_level(cpu[arm, read]),
                beyond_local=estimate(beyond),
                against=estimate(beyond - others) if crossing else None,
            )
