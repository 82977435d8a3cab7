from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.all_runs import MAKERS
from tests.analysis.test_consistency import write_run as consistency_run
from tests.analysis.test_decentralization import write_run as decentralization_run
from tests.analysis.test_deployments import deployment_run
from tests.analysis.test_floors import floors_run
from tests.analysis.test_hops import traced_run
from tests.analysis.test_resilience import run_with, struck_run, usual
from tests.analysis.test_simplicity import write_run as simplicity_run
from tests.capacity_run import capacity_run
from tests.report.test_modularity import write_run as modularity_run
from tests.scaling_run import scaling_run
from tests.synthetic import ARMS, THREE_ARMS, write_run
from twinbench.report import figures
from twinbench.report.answers import CLAIMS, HOLDS, MISSING, OPEN, REFUTED, Answer, answers
from twinbench.report.figures import Absent, Picture
from twinbench.results.store import Run


def of(claim: str, run: Run) -> Answer:
    runs = {str(run.document["experiment"]): run}
    return next(one for one in answers(runs) if one.claim == claim)


def test_what_was_not_measured_says_so_and_how_to_do_it() -> None:
    found = answers({})
    assert [one.claim for one in found] == [claim.name for claim in CLAIMS]
    assert {one.verdict for one in found} == {MISSING}
    assert found[0].sentence == "These results hold no run of it: ./twinbench run latency."
    assert isinstance(figures.scoreboard(found), Absent)


def test_latency_holds_where_the_microservices_wait_longer(tmp_path: Path) -> None:
    run = write_run(tmp_path, arms=THREE_ARMS, factor=1.3)
    found = of("latency", run)
    assert found.verdict == HOLDS
    assert found.effect.startswith("browse p95 \N{MULTIPLICATION SIGN}1.")
    assert "framework \N{MULTIPLICATION SIGN}1." in found.cause
    assert [effect.subject for effect in found.effects] == ["browse p95", "CPU", "memory"]
    assert all(effect.low * 0.9 < 1.69 < effect.high * 1.1 for effect in found.effects)


def test_latency_is_refuted_where_they_do_not(tmp_path: Path) -> None:
    assert of("latency", write_run(tmp_path, factor=0.6)).verdict == REFUTED


def test_void_trials_leave_a_claim_open(tmp_path: Path) -> None:
    found = of("latency", write_run(tmp_path, rates=(20.0,), void=frozenset({1, 3, 5, 7})))
    assert found.verdict == OPEN
    assert "supports no verdict" in found.sentence


def test_a_run_without_the_monolith_says_nothing_of_the_claim(tmp_path: Path) -> None:
    run = write_run(tmp_path, arms=("modulith", "microservices"))
    assert of("latency", run).verdict == OPEN


def test_capacity_is_compared_by_the_steps_of_the_search(tmp_path: Path) -> None:
    found = of("capacity", capacity_run(tmp_path))
    (effect,) = found.effects
    assert found.verdict == HOLDS
    assert effect.low < 25 / 40 < effect.high
    assert "distribution" in found.cause
    assert of("capacity", capacity_run(tmp_path, void=frozenset({"monolith"}))).verdict == OPEN


def test_hops_and_floors_have_answers(tmp_path: Path) -> None:
    assert of("hops", traced_run(tmp_path)).verdict == HOLDS
    assert of("hops", traced_run(tmp_path, arms=("microservices",))).verdict == OPEN
    assert of("floors", floors_run(tmp_path)).verdict == HOLDS
    assert of("floors", floors_run(tmp_path, goal=0.9)).sentence == "Missed: monolith: list."


def test_scaling_is_judged_by_what_the_hot_part_costs(tmp_path: Path) -> None:
    found = of("scalability", scaling_run(tmp_path))
    assert found.verdict == REFUTED
    assert found.effect.startswith("capacity per CPU \N{MULTIPLICATION SIGN}0.")
    assert found.cause == (
        "CPU per journey \N{MULTIPLICATION SIGN}2.00, memory \N{MULTIPLICATION SIGN}2.00"
    )
    assert "With 3 replicas of the hot part the microservices serve no more" in found.sentence
    assert [effect.subject for effect in found.effects] == ["capacity per CPU", "capacity per GB"]


def test_a_run_that_scaled_no_hot_part_leaves_scaling_open(tmp_path: Path) -> None:
    found = of("scalability", scaling_run(tmp_path, cases=(("cpus", 1.0),)))
    assert found.verdict == OPEN
    assert "This run scaled no hot part by itself (with 1 CPU the" in found.sentence
    void = scaling_run(tmp_path, void=frozenset({"microservices"}), blocks=1)
    assert of("scalability", void).sentence.startswith("Too few valid trials")


def test_deploying_is_judged_by_whom_it_disturbs(tmp_path: Path) -> None:
    found = of("independence", deployment_run(tmp_path))
    assert found.verdict in {OPEN, REFUTED}
    assert "a deployment takes \N{MULTIPLICATION SIGN}0.50 (0.50-0.50)" in found.effect
    assert "1 of 5 components replaced (microservices, rolling)" in found.cause
    assert "of the journeys begun meanwhile failed or were slow" in found.sentence
    void = deployment_run(tmp_path, void=frozenset(range(1, 19)))
    assert of("independence", void).verdict == OPEN


def test_resilience_is_judged_by_what_is_kept(tmp_path: Path) -> None:
    found = of("resilience", struck_run(tmp_path))
    assert found.verdict == OPEN
    assert found.effect == "journeys that succeed under a fault +50 points (one fault)"
    assert found.cause == "unknown: the run has no modulith"
    assert "100% of the journeys succeeded in the microservices and 50%" in found.sentence
    nothing = run_with(tmp_path, [(arm, "hang: orders", usual(), True) for arm in ARMS])
    assert of("resilience", nothing).sentence.startswith("Too few valid trials")


def test_consistency_is_judged_by_what_is_lost_or_late(tmp_path: Path) -> None:
    found = of("consistency", consistency_run(tmp_path))
    assert found.verdict == HOLDS
    assert "effects seen \N{MULTIPLICATION SIGN}4.00 as late under load" in found.effect
    assert (
        "1 of 120 effects that were due went wrong, lost or doubled, in the microservices"
        in found.sentence
    )
    assert [effect.subject for effect in found.effects] == ["window, idle", "window, load"]


def test_modularity_is_judged_by_what_is_counted_and_by_changes(tmp_path: Path) -> None:
    alike = of("modularity", modularity_run(tmp_path))
    assert alike.verdict == OPEN
    assert "pairs that depend 2 against 2 (exact count, no interval)" in alike.effect
    assert alike.cause == "1 event, 1 public (monolith); 1 event, 1 public (microservices)"
    kept = modularity_run(tmp_path, requests=20, beyond=("monolith",))
    found = of("modularity", kept)
    assert found.verdict == HOLDS
    assert "not about: 0 of 20 in the microservices, 20 in the monolith." in found.sentence
    assert [(one.subject, one.exact) for one in found.effects] == [
        ("pairs that depend", True),
        ("lines of a change", False),
    ]
    split = modularity_run(
        tmp_path, requests=20, beyond=("monolith",), tangled=("microservices",), declared=False
    )
    found = of("modularity", split)
    assert found.verdict == OPEN
    assert "2 ways of depending are undeclared" in found.sentence
    none = of("modularity", modularity_run(tmp_path, requests=0))
    assert none.verdict == OPEN
    assert "no change request was tried" in none.effect


def test_decentralization_is_judged_by_data_and_pace(tmp_path: Path) -> None:
    found = of("decentralization", decentralization_run(tmp_path))
    assert found.verdict == OPEN  # data are each one's own, but of the pace little is sure
    assert "others' tables that its code can read 0 against 20 (exact count" in found.effect
    assert found.cause == "unknown: the run has no modulith"
    assert "served after 9.50 s in the microservices and 8.50 s in the monolith" in found.sentence
    [effect] = found.effects
    assert effect.low < effect.ratio < effect.high


def test_simplicity_is_judged_by_steps_time_and_memory(tmp_path: Path) -> None:
    found = of("simplicity", simplicity_run(tmp_path, blocks=3))
    assert "steps by hand 24 against 9 (exact count, no interval)" in found.effect
    assert "memory at rest \N{MULTIPLICATION SIGN}2.50 (2.50-2.50)" in found.effect
    assert found.cause.startswith("memory: framework \N{MULTIPLICATION SIGN}0.40")
    assert found.sentence.endswith("Beyond 3 processes of the same code each holds 30.0 MB.")
    assert found.verdict == HOLDS  # both take as long to start
    steps = found.effects[0]
    assert (steps.exact, steps.low, steps.high) == (True, steps.ratio, steps.ratio)
    once = of("simplicity", simplicity_run(tmp_path, blocks=1))
    assert once.verdict == OPEN


@pytest.mark.parametrize("experiment", ["decentralization", "modularity", "simplicity"])
def test_what_has_no_monolith_leaves_a_claim_open(experiment: str, tmp_path: Path) -> None:
    run = MAKERS[experiment](tmp_path)
    arms = [arm for arm in run.document["configuration"]["arms"] if arm != "monolith"]
    alone = replace(
        run,
        document=run.document | {"configuration": {"arms": arms}},
        tables={name: without(table) for name, table in run.tables.items()},
    )
    assert of(experiment, alone).sentence.startswith("The run does not hold both monolith")


def without(table: pa.Table) -> pa.Table:
    column = "build" if "build" in table.column_names else "arm"
    return table.filter(pc.not_equal(table[column].cast(pa.string()), "monolith"))


@pytest.mark.parametrize("arms", [ARMS, THREE_ARMS])
def test_the_scoreboard_is_drawn(arms: tuple[str, ...], tmp_path: Path) -> None:
    picture = figures.scoreboard(answers({"latency": write_run(tmp_path, arms=arms)}))
    assert isinstance(picture, Picture)
    assert picture.finding.startswith("Microservices in times of the monolith: browse p95")


def test_exact_counts_are_drawn_without_an_interval(tmp_path: Path) -> None:
    picture = figures.scoreboard(answers({"simplicity": simplicity_run(tmp_path, blocks=1)}))
    assert isinstance(picture, Picture)
    assert "monolith: steps by hand \N{MULTIPLICATION SIGN}2.67." in picture.finding
    [axis] = picture.figure.axes
    assert [line.get_marker() for line in axis.lines].count("s") == 1
