"""The workload as data: mix, popularity and pauses, from workload.toml or a file like it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from twinbench.errors import TwinbenchError

_DEFAULT: Final = Path(__file__).with_name("workload.toml")
_JOURNEYS: Final = ("browse", "buy", "account", "operate", "recommend")


class WorkloadError(TwinbenchError):
    """A workload file says what cannot be; the message is one clear line that names it."""


@dataclass(frozen=True, slots=True)
class Workload:
    """Weights per journey, popularity exponent, mean pause in seconds, number of customers."""

    mix: dict[str, float]
    zipf: float
    think_s: float
    customers: int


@cache
def default_workload() -> Workload:
    return read_workload(_DEFAULT)


def read_workload(path: Path) -> Workload:
    """Of a TOML file; what it leaves out is as in workload.toml, but a mix is taken whole.

    Raises WorkloadError for a file that cannot be read or a value that cannot be.
    """
    try:
        base = tomllib.loads(_DEFAULT.read_text("utf-8"))
        data = base | tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkloadError(f"{path}: {error}") from error
    if unknown := data.keys() - base.keys():
        raise WorkloadError(f"{path}: unknown {', '.join(sorted(unknown))}")
    return Workload(
        mix=_mix(path, data),
        zipf=_number(path, data, "zipf"),
        think_s=_number(path, data, "think_s"),
        customers=int(_number(path, data, "customers", least=1)),
    )


def _mix(path: Path, data: Mapping[str, Any]) -> dict[str, float]:
    mix = data["mix"]
    if not isinstance(mix, dict) or not mix:
        raise WorkloadError(f"{path}: mix is not a table of weights")
    if unknown := mix.keys() - set(_JOURNEYS):
        known = ", ".join(_JOURNEYS)
        raise WorkloadError(f"{path}: no journey {min(unknown)!r} in the mix, only {known}")
    weights = {name: _number(path, mix, name) for name in mix}
    if not any(weights.values()):
        raise WorkloadError(f"{path}: the mix has no weight above 0")
    return {name: weight for name, weight in weights.items() if weight > 0}


def _number(path: Path, data: Mapping[str, Any], name: str, *, least: float = 0) -> float:
    value = data[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
        raise WorkloadError(f"{path}: {name} is {value!r}, not a number of at least {least:g}")
    return float(value)
