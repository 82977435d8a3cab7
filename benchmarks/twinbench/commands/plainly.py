"""Experiments that are told as they were found, with nothing to be judged."""

from collections.abc import Callable
from typing import Any, Final

from rich.console import Console

from twinbench.analysis.decentralization import decentralization
from twinbench.analysis.simplicity import simplicity
from twinbench.report.decentralization import print_decentralization
from twinbench.report.simplicity import print_simplicity
from twinbench.results.store import Run

PLAIN: Final[dict[str, tuple[Callable[[Run], Any], Callable[[Console, Run, Any], None]]]] = {
    "decentralization": (decentralization, print_decentralization),
    "simplicity": (simplicity, print_simplicity),
}
"""By name: what analyses a run, and what prints that."""
