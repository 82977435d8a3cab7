"""A run of every experiment in one folder, as a user who has run all of them has it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.analysis.test_consistency import write_run as consistency_run
from tests.analysis.test_decentralization import write_run as decentralization_run
from tests.analysis.test_deployments import deployment_run
from tests.analysis.test_floors import floors_run
from tests.analysis.test_hops import traced_run
from tests.analysis.test_resilience import struck_run
from tests.analysis.test_simplicity import write_run as simplicity_run
from tests.capacity_run import capacity_run
from tests.report.test_modularity import write_run as modularity_run
from tests.scaling_run import scaling_run
from twinbench.results.store import Run

MAKERS: Final[Mapping[str, Callable[[Path], Run]]] = {
    "capacity": capacity_run,
    "consistency": consistency_run,
    "decentralization": decentralization_run,
    "deployment": deployment_run,
    "floors": floors_run,
    "hops": traced_run,
    "modularity": modularity_run,
    "resilience": struck_run,
    "scaling": scaling_run,
    "simplicity": simplicity_run,
}


def all_others(root: Path) -> dict[str, Run]:
    """Of every experiment but latency, by its name."""
    return {name: make(root) for name, make in MAKERS.items()}
