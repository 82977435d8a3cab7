"""All pictures. Each takes what the analysis found and gives a Picture, or an Absent that says why.

A picture joins by a module here, a name below, and a line in `gallery.py`.
"""

from twinbench.report.figures.attribution import attribution_waterfall
from twinbench.report.figures.canvas import Absent, Picture, save, style
from twinbench.report.figures.capacity import capacity_bars
from twinbench.report.figures.comparison import draw_comparison
from twinbench.report.figures.components import components
from twinbench.report.figures.distribution import distribution
from twinbench.report.figures.floors import floor_shares
from twinbench.report.figures.hops import hop_costs
from twinbench.report.figures.load import latency_against_load
from twinbench.report.figures.percentile import percentile_bars
from twinbench.report.figures.scoreboard import scoreboard
from twinbench.report.figures.trials import trial_timelines

__all__ = [
    "Absent",
    "Picture",
    "attribution_waterfall",
    "capacity_bars",
    "components",
    "distribution",
    "draw_comparison",
    "floor_shares",
    "hop_costs",
    "latency_against_load",
    "percentile_bars",
    "save",
    "scoreboard",
    "style",
    "trial_timelines",
]
