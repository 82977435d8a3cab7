"""All pictures. Each takes what the analysis found and gives a Picture, or an Absent that says why.

A picture joins by a module here, a name below, and a line in `gallery.py`.
"""

from twinbench.report.figures.attribution import attribution_waterfall
from twinbench.report.figures.blast import blast_radius
from twinbench.report.figures.canvas import Absent, Picture, save, style
from twinbench.report.figures.capacity import capacity_bars
from twinbench.report.figures.comparison import draw_comparison
from twinbench.report.figures.components import components
from twinbench.report.figures.costs import capacity_and_cost
from twinbench.report.figures.coupling import coupling
from twinbench.report.figures.distribution import distribution
from twinbench.report.figures.faults import fault_matrix
from twinbench.report.figures.floors import floor_shares
from twinbench.report.figures.hops import hop_costs
from twinbench.report.figures.lines import teams_and_deployments
from twinbench.report.figures.load import latency_against_load
from twinbench.report.figures.pace import edited_to_served
from twinbench.report.figures.percentile import percentile_bars
from twinbench.report.figures.recovery import fault_recovery
from twinbench.report.figures.reports import report_over_all
from twinbench.report.figures.rest import at_rest
from twinbench.report.figures.scalability import scalability_law
from twinbench.report.figures.scoreboard import scoreboard
from twinbench.report.figures.splits import price_of_splits
from twinbench.report.figures.timeline import deployment_timeline
from twinbench.report.figures.trials import trial_timelines
from twinbench.report.figures.windows import inconsistency_windows

__all__ = [
    "Absent",
    "Picture",
    "at_rest",
    "attribution_waterfall",
    "blast_radius",
    "capacity_and_cost",
    "capacity_bars",
    "components",
    "coupling",
    "deployment_timeline",
    "distribution",
    "draw_comparison",
    "edited_to_served",
    "fault_matrix",
    "fault_recovery",
    "floor_shares",
    "hop_costs",
    "inconsistency_windows",
    "latency_against_load",
    "percentile_bars",
    "price_of_splits",
    "report_over_all",
    "save",
    "scalability_law",
    "scoreboard",
    "style",
    "teams_and_deployments",
    "trial_timelines",
]
