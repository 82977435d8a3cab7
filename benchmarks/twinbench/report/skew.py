"""What demand costs as it is skewed, who shares the load, and what gateways allow, as tables."""

import math
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table

from twinbench.analysis.balance import MARGIN, Balance
from twinbench.analysis.gateways import Ceiling
from twinbench.analysis.ratios import Estimate
from twinbench.analysis.scaling import Scaling
from twinbench.analysis.skew import MEASURES, Skew
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount, bounds, megabytes

_LEFT: Final = frozenset({"arm", "replicas", "component", "verdict", "in times of"})
_SEARCH: Final = (
    "Fewest replicas: found by adding where they are missed until the objective is met, then by "
    "taking away what is not needed. Each has {slice:.2g} CPUs; databases, brokers, gateways and "
    "workers share all. Medians over blocks."
)
_GIVEN: Final = (
    "CPUs given count every replica alike, whether it has much to do or little: what is bought. "
    "CPUs used are the whole arm's."
)
_BALANCE: Final = (
    "Balance: shares of all answers by the gateway's own account, with exact 95 % intervals; even "
    "if none is further than {margin:.0%} from even. Calls between services are not in it."
)
_CEILING: Final = (
    "A gateway's ceiling: requests per second at which it alone would use all cores of its arm. "
    "Reckoned from its CPU time per request in these trials; no gateway was driven to it."
)


def print_beside(console: Console, found: Scaling) -> None:
    """The tables that there is something in."""
    tables = [
        *([_prices_table(found.skew)] if found.skew else []),
        *([_times_table(found.skew)] if found.skew and found.skew.times else []),
        *([_balances_table(found.balances)] if found.balances else []),
        *([_ceilings_table(found.ceilings)] if found.ceilings else []),
    ]
    for table in tables:
        console.print()
        console.print(table)


def notes_beside(found: Scaling) -> list[str]:
    return [
        *([_SEARCH.format(slice=found.skew.slice_cpus), _GIVEN] if found.skew else []),
        *([_BALANCE.format(margin=MARGIN)] if found.balances else []),
        *([_CEILING] if found.ceilings else []),
        *(f"Not varied: {factor}. {reason}." for factor, reason in found.refused.items()),
    ]


def warnings_beside(found: Scaling) -> list[str]:
    uneven = [one for one in found.balances if one.verdict in {"uneven", "not told"}]
    return [
        *(_warnings(found.skew) if found.skew else []),
        *(f"Replicas of {one.component}: {_unlike(one)}" for one in uneven),
    ]


def _warnings(found: Skew) -> Iterator[str]:
    for price in found.prices:
        what = f"{price.arm} at {price.share:.0%}"
        if price.unmet:
            yield (
                f"{what}: no replicas, up to {found.most} of each component, met the objective in "
                f"{price.unmet} of {price.blocks + price.unmet} blocks"
            )
        elif not price.blocks:
            yield f"{what}: the search did not come to its end"
        if price.voided:
            yield f"{what}: {price.voided} trials voided, the machine was disturbed"


def _unlike(one: Balance) -> str:
    if one.verdict == "not told":
        return "no answer said which of them it came from"
    return (
        f"they share the load unevenly ({_shares(one)} of {one.requests:,} answers): capacities "
        "with them are lower bounds"
    )


def _prices_table(found: Skew) -> Table:
    title = f"Cheapest for {amount(found.demanded)} requests/s within the objective, by hot share"
    table = _table(title, ("hot", "arm", "replicas", "CPUs given", "CPUs used", "memory"))
    for share, prices in groupby(found.prices, key=lambda price: price.share):
        for place, price in enumerate(prices):
            table.add_row(
                "" if place else f"{share:.0%}",
                price.arm,
                _replicas(price.replicas) if price.blocks else "none found",
                _known(price.cpus_given),
                _known(price.cpus_used),
                "-" if math.isnan(price.memory_bytes) else megabytes(price.memory_bytes),
            )
        table.add_section()
    return table


def _times_table(found: Skew) -> Table:
    table = _table("That price in times of another", ("hot", "arm", "in times of", *MEASURES))
    lowest = min(price.share for price in found.prices)
    for (share, arm, base), times in groupby(
        found.times, key=lambda one: (one.share, one.arm, one.base)
    ):
        by_measure = {one.measure: _interval(one.estimate) for one in times}
        other = f"its own at {lowest:.0%}" if base == arm else base
        table.add_row(f"{share:.0%}", arm, other, *(by_measure[name] for name in MEASURES))
    return table


def _replicas(replicas: Mapping[str, float]) -> str:
    several = [f"{count:g} {name}" for name, count in replicas.items() if count > 1]
    others = len(replicas) - len(several)
    return ", ".join([*several, *([f"1 of {others}"] if others else [])])


def _interval(found: Estimate) -> str:
    return f"{found.ratio:.2f}" + (f" ({bounds(found)})" if math.isfinite(found.high) else "")


def _known(figure: float) -> str:
    return "-" if math.isnan(figure) else f"{figure:.2f}"


def _balances_table(found: tuple[Balance, ...]) -> Table:
    table = _table("Do replicas share the load?", ("component", "answers", "shares", "verdict"))
    for one in found:
        table.add_row(one.component, f"{one.requests:,}", _shares(one), one.verdict)
    return table


def _shares(one: Balance) -> str:
    return ", ".join(f"{s.share:.0%} ({s.low:.0%}-{s.high:.0%})" for s in one.shares)


def _ceilings_table(found: tuple[Ceiling, ...]) -> Table:
    table = _table(
        "What a gateway alone could let through",
        ("arm", "requests/s", "95 % interval", "share of the arm's CPU", "cores"),
    )
    for one in found:
        table.add_row(
            one.arm,
            amount(one.requests.ratio),
            _between(one.requests),
            f"{one.share.ratio:.1%}",
            str(one.cores),
        )
    return table


def _between(found: Estimate) -> str:
    """Nothing is known of an interval from one trial."""
    return f"{amount(found.low)}-{amount(found.high)}" if math.isfinite(found.high) else "-"


def _table(title: str, names: tuple[str, ...]) -> Table:
    table = Table(title=title, **TABLE_STYLE)
    for name in names:
        table.add_column(name, justify="left" if name in _LEFT else "right")
    return table
