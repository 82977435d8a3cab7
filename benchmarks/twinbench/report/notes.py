"""What a newcomer must be told beside the figures: how to read them, and what they leave open."""

from twinbench.results.store import Run


def reading_notes(first: str, second: str) -> tuple[str, ...]:
    """How to read the table, for these two arms."""
    ratio = (
        f"Ratio: what the {second} take, in times of what the {first} takes; verdicts are about "
        f"the {second}. Less is better throughout."
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
    return (ratio, waits, work, verdict)


def limiting_notes(run: Run, first: str, second: str) -> tuple[str, ...]:
    """What the run leaves open."""
    configuration = run.document["configuration"]
    confounded = (
        f"Framework and architecture differ at once: the {first} is Django, the {second} are "
        "FastAPI. A ratio is both together, not the price of splitting a system."
    )
    place = (
        f"One machine, {_cores(run)} for the arm at a time, no network between components, one mix "
        f"of journeys on one set of data ({configuration['name']} profile, seed "
        f"{run.document['seed']}). Other rates, mixes and machines give other figures."
    )
    untested = "Scaling out, failures and deployments: those claims have experiments of their own."
    return (confounded, place, untested)


def _cores(run: Run) -> str:
    cores = {tuple(arm["cores"]) for arm in run.document["limits"]["arms"].values()}
    count = len(next(iter(cores)))
    return "one core" if count == 1 else f"{count} cores"
