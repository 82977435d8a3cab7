"""Which pictures a run of each experiment gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from twinbench.analysis.blocks import stages
from twinbench.analysis.capacities import capacities, objective_of
from twinbench.analysis.capacity import Objective
from twinbench.analysis.comparison import compare
from twinbench.analysis.consistency import consistency
from twinbench.analysis.decentralization import decentralization
from twinbench.analysis.deployments import deployments
from twinbench.analysis.floors import compare_floors
from twinbench.analysis.hops import hops
from twinbench.analysis.load import telling_rate
from twinbench.analysis.modularity import modularity
from twinbench.analysis.resilience import resilience
from twinbench.analysis.scaling import scaling
from twinbench.analysis.simplicity import simplicity
from twinbench.report.figures import (
    Absent,
    Picture,
    at_rest,
    attribution_waterfall,
    blast_radius,
    capacity_and_cost,
    capacity_bars,
    components,
    coupling,
    deployment_timeline,
    distribution,
    edited_to_served,
    fault_matrix,
    fault_recovery,
    floor_shares,
    hop_costs,
    inconsistency_windows,
    latency_against_load,
    price_of_splits,
    report_over_all,
    scalability_law,
    teams_and_deployments,
    trial_timelines,
)
from twinbench.results.store import Run

Pictures = list[Picture | Absent]


def gallery(run: Run) -> Pictures:
    """All pictures of a run; of an experiment without pictures of its own, its trials."""
    own = GALLERY.get(run.document["experiment"])
    return [*(own(run) if own else ()), trial_timelines({run.document["experiment"]: run})]


def draw_gallery(run: Run, folder: Path) -> tuple[list[Path], list[Absent]]:
    """Write every picture as NAME.svg and NAME.png; what is absent is returned. Raises OSError."""
    folder.mkdir(exist_ok=True)
    found = gallery(run)
    drawn = [path for one in found if isinstance(one, Picture) for path in one.save(folder)]
    return drawn, [one for one in found if isinstance(one, Absent)]


def _latency(run: Run) -> Pictures:
    found, comparison = stages(run), compare(run)
    rate = telling_rate(found, Objective())
    return [
        latency_against_load(found),
        distribution(run, comparison, rate),
        attribution_waterfall(comparison, rate),
        components(run, comparison, rate),
    ]


def _capacity(run: Run) -> Pictures:
    return [capacity_bars(capacities(run), objective_of(run))]


def _scaling(run: Run) -> Pictures:
    found = scaling(run)
    return [scalability_law(found), capacity_and_cost(found)]


def _deployment(run: Run) -> Pictures:
    found = deployments(run)
    return [deployment_timeline(run, found), teams_and_deployments(found)]


def _resilience(run: Run) -> Pictures:
    found = resilience(run)
    return [fault_matrix(found), fault_recovery(found)]


def _modularity(run: Run) -> Pictures:
    found = modularity(run)
    return [coupling(found), blast_radius(found)]


def _decentralization(run: Run) -> Pictures:
    found = decentralization(run)
    return [edited_to_served(run, found), report_over_all(run, found)]


def _simplicity(run: Run) -> Pictures:
    found = simplicity(run)
    return [price_of_splits(found), at_rest(found)]


GALLERY: Final[dict[str, Callable[[Run], Pictures]]] = {
    "latency": _latency,
    "capacity": _capacity,
    "scaling": _scaling,
    "deployment": _deployment,
    "resilience": _resilience,
    "consistency": lambda run: [inconsistency_windows(run, consistency(run))],
    "modularity": _modularity,
    "decentralization": _decentralization,
    "simplicity": _simplicity,
    "hops": lambda run: [hop_costs(hops(run))],
    "floors": lambda run: [floor_shares(compare_floors(run))],
}
