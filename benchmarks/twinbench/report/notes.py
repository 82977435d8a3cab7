"""What a newcomer must be told beside the figures: how to read them, and what they leave open."""

from twinbench.analysis.comparison import Comparison
from twinbench.report.selfcheck import selfcheck_note
from twinbench.results.store import Run


def reading_notes(comparison: Comparison) -> tuple[str, ...]:
    """How to read the tables."""
    ratio = (
        f"Ratio: what an arm takes, in times of what the {comparison.base} takes; verdicts are "
        "about that arm. Less is better throughout."
    )
    waits = (
        "Wait: all answers of one journey together, each counted from when its request "
        "ought to have left; the customer's own pauses are left out. p50: half of the journeys "
        "wait less; p95: one in twenty waits longer."
    )
    work = (
        "CPU: processor time of the whole arm, databases and gateway included, for one journey. On "
        "a busy machine it is the steadiest figure here."
    )
    verdict = (
        "Verdict: lower or higher only if chance explains it badly (5 %, Holm over all rows); "
        "equivalent if surely within 5 %; else inconclusive: run again with more blocks."
    )
    if any(row.unjudged == "curve" for row in comparison.rows):
        verdict += " Rates that say curve are in fewer blocks: drawn, not judged."
    cause = (
        "Cause: the modulith is the microservices' own code in one process. From the monolith to "
        "it the framework changes, from it to the microservices the distribution; the two factors "
        "multiply to the total."
    )
    return (ratio, waits, work, verdict, *((cause,) if comparison.attribution else ()))


def limiting_notes(run: Run, comparison: Comparison) -> tuple[str, ...]:
    """What the run leaves open."""
    configuration = run.document["configuration"]
    confounded = (
        "Framework and architecture differ at once: the monolith is Django, the microservices are "
        "FastAPI. A ratio is both together, not the price of splitting a system."
    )
    place = (
        f"One machine, {_cores(run)} for the arm at a time, no network between components, one mix "
        f"of journeys on one set of data ({configuration['name']} profile, seed "
        f"{run.document['seed']}). Other rates, mixes and machines give other figures."
    )
    checked = selfcheck_note(run.folder.parent, run.document["revision"])
    untested = "Scaling out, failures and deployments: those claims have experiments of their own."
    return (*(() if comparison.attribution else (confounded,)), place, untested, checked)


def _cores(run: Run) -> str:
    cores = {tuple(arm["cores"]) for arm in run.document["limits"]["arms"].values()}
    count = len(next(iter(cores)))
    return "one core" if count == 1 else f"{count} cores"
