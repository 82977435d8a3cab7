"""An arm's budget: whether this machine can enforce it, and what each component gets of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from twinbench.engines.protocol import Abilities, EngineError, Limit, Part, UnsupportedByEngineError

Shares = Mapping[str, float]
"""Component to its share of the arm's budget; they sum to 1."""

Partition = Literal["shared", "even", "right-sized"]
PARTITIONS: Final[tuple[Partition, ...]] = ("shared", "even", "right-sized")


@dataclass(frozen=True, slots=True)
class Budget:
    """What each arm may use, all its components together; None: no limit but its cores."""

    cpus: float | None = None
    memory_bytes: int | None = None
    partition: Partition = "shared"


UNLIMITED: Final = Budget()

# What has idled while the arm warmed up still has to run.
_LEAST: Final = 0.02


def even(components: Sequence[str]) -> Shares:
    """The same for each."""
    return {name: 1 / len(components) for name in components}


def right_sized(used: Mapping[str, float]) -> Shares:
    """In proportion to what each has used, above a floor of 2 % (half an even share if lower)."""
    floor = min(_LEAST, 0.5 / len(used))
    total = sum(used.values())
    if total <= 0:
        return even(tuple(used))
    rest = 1 - floor * len(used)
    return {name: floor + rest * value / total for name, value in used.items()}


def limit_of(
    budget: Budget, cores: Sequence[int], *, cpu: Shares | None = None, memory: Shares | None = None
) -> Limit:
    """The limit that gives an arm its budget; a shared pool unless shares are given."""
    parts: tuple[Part, ...] = ()
    if cpu is not None and memory is not None:
        parts = tuple(
            Part(
                component=name,
                cpus=None if budget.cpus is None else budget.cpus * cpu[name],
                memory_bytes=(
                    None if budget.memory_bytes is None else int(budget.memory_bytes * memory[name])
                ),
            )
            for name in cpu
        )
    return Limit(frozenset(cores), budget.cpus, budget.memory_bytes, parts)


def require_possible(budget: Budget, abilities: Abilities, cores: Sequence[int]) -> None:
    """Told before anything is measured. Raises EngineError for a budget that cannot be kept."""
    if budget.partition != "shared" and budget.cpus is None and budget.memory_bytes is None:
        raise EngineError(f"partition {budget.partition} divides a budget: give one with --cpus")
    if budget.cpus is not None and budget.cpus > len(cores):
        raise EngineError(
            f"{budget.cpus:g} CPUs are more than the {len(cores)} cores that an arm has here"
        )
    lacking = [
        name
        for name, wanted, able in (
            ("CPU", budget.cpus is not None, abilities.cpu_budget),
            ("memory", budget.memory_bytes is not None, abilities.memory_budget),
        )
        if wanted and not able
    ]
    if lacking:
        what = " and ".join(lacking)
        raise UnsupportedByEngineError(f"no {what} budgets here: {abilities.explanation}")
