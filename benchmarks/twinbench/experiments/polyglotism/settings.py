"""What replaces what, and how long a run may take."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from twinbench.experiments.budgets import Budget
from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import Timing
from twinbench.load.workload import default_workload

ARM: Final = "microservices"


@dataclass(frozen=True, slots=True)
class Implementation:
    """`name` is the setting's value and the project's folder; `store` what keeps its data."""

    name: str
    store: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """Two implementations of a component, told apart by one `setting` of the topology.

    `requests`: the steps of journeys that the component itself answers.
    """

    component: str
    setting: str
    original: Implementation
    other: Implementation
    requests: tuple[str, ...]


REPLACEMENTS: Final = (
    Replacement(
        component="catalog",
        setting="CATALOG_IMPLEMENTATION",
        original=Implementation("catalog", "catalog-db"),
        other=Implementation("catalog_node", "catalog-db"),
        requests=("search", "list", "product", "set price"),
    ),
    Replacement(
        component="cart",
        setting="CART_IMPLEMENTATION",
        original=Implementation("cart", "cart-db"),
        other=Implementation("cart_valkey", "cart-store"),
        requests=("add to cart", "cart"),
    ),
)


@dataclass(frozen=True, slots=True)
class PolyglotismProfile(Timing):
    """Durations in seconds, `rate` in journeys per second.

    In each of `blocks` every implementation serves one trial, and every original is replaced under
    load in another. No block begins that would end later than `budget_s` after the start; the first
    is made in any case. `judged` says whether figures that were disturbed make the run a failure.
    """

    name: str
    rate: float
    blocks: int
    budget_s: float
    warming_s: float
    judged: bool


POLYGLOTISM_PROFILES: Final = {
    profile.name: profile
    for profile in (
        PolyglotismProfile(
            name="smoke", warmup_s=0.5, measure_s=3.0, tail_s=0.2, drain_s=5.0, rate=6.0, blocks=1,
            budget_s=0.0, warming_s=0.0, judged=False,
        ),
        PolyglotismProfile(
            name="quick", warmup_s=1.0, measure_s=6.0, tail_s=0.5, drain_s=5.0, rate=8.0, blocks=4,
            budget_s=280.0, warming_s=5.0, judged=True,
        ),
        PolyglotismProfile(
            name="standard", warmup_s=3.0, measure_s=15.0, tail_s=0.5, drain_s=10.0, rate=8.0,
            blocks=12, budget_s=2640.0, warming_s=30.0, judged=True,
        ),
        PolyglotismProfile(
            name="full", warmup_s=3.0, measure_s=30.0, tail_s=0.5, drain_s=10.0, rate=8.0,
            blocks=40, budget_s=14_400.0, warming_s=60.0, judged=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolyglotismSettings:
    """What is to be run, and where the run's folder goes."""

    profile: PolyglotismProfile
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)
    budget: Budget = field(default_factory=Budget)

    def configuration(self) -> Mapping[str, Any]:
        own = {
            "arms": [ARM],
            "gates": asdict(self.gates),
            "budget": asdict(self.budget),
            "replacements": [asdict(one) for one in REPLACEMENTS],
        }
        return own | asdict(self.profile) | asdict(default_workload())
