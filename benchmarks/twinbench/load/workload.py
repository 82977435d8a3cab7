"""The workload as data: mix, popularity and pauses, from workload.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Workload:
    """Weights per journey, popularity exponent, mean pause in seconds, number of customers."""

    mix: dict[str, float]
    zipf: float
    think_s: float
    customers: int


@cache
def default_workload() -> Workload:
    data = tomllib.loads(files("twinbench.load").joinpath("workload.toml").read_text("utf-8"))
    return Workload(
        mix={name: float(weight) for name, weight in data["mix"].items()},
        zipf=float(data["zipf"]),
        think_s=float(data["think_s"]),
        customers=int(data["customers"]),
    )
