from pathlib import Path

import pytest

from tests.analysis.test_consistency import write_run as consistency_run
from tests.analysis.test_deployments import deployment_run
from tests.analysis.test_floors import floors_run
from tests.analysis.test_hops import traced_run
from tests.analysis.test_resilience import run_with, struck_run, usual
from tests.capacity_run import capacity_run
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


@pytest.mark.parametrize("arms", [ARMS, THREE_ARMS])
def test_the_scoreboard_is_drawn(arms: tuple[str, ...], tmp_path: Path) -> None:
    picture = figures.scoreboard(answers({"latency": write_run(tmp_path, arms=arms)}))
    assert isinstance(picture, Picture)
    assert picture.finding.startswith("Microservices in times of the monolith: browse p95")
