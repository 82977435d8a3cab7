"""Runs of deployments whose truth is known, what is made of them, and how it is shown."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from scipy import stats

from tests.synthetic import ARMS, provenance, resource_rows, trial_row
from twinbench.analysis.deployments import Deployed, deployments
from twinbench.analysis.disturbance import rank_sum_probability
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.report.deployment import print_deployments
from twinbench.results.deployment import DeploymentRow
from twinbench.results.store import Run, RunWriter

RATE, BLOCKS = 20.0, 3
BEGAN, SERVING, ENDED = 5.0, 7.0, 9.0
KINDS = (("code", "recreate"), ("code", "rolling"), ("broken", "rolling"))


def deployment_run(root: Path, *, void: frozenset[int] = frozenset()) -> Run:
    """Stop-start fails every order meanwhile and doubles searches; rolling is not noticed.

    Of the services, stop-start fails nothing and makes searches slower alone.
    """
    own = provenance((RATE,), BLOCKS)
    configuration = own.configuration | {"rates": dict.fromkeys(ARMS, RATE)}
    origin = replace(own, experiment="deployment", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=("trials", "resources", "deployments"))
    random, number = np.random.default_rng(5), 0
    for block in range(BLOCKS):
        for flavour, strategy in KINDS:
            for arm in ARMS:
                number += 1
                rows = requests(random, noticed=strategy == "recreate", fails=arm == "monolith")
                table = requests_table(rows, trial=number, origin=0.0)
                pq.write_table(table, writer.requests_path(number))
                slot = Slot(block, number, arm, RATE, 1)
                writer.add_trial(
                    number,
                    {
                        "trials": [trial_row(number, slot, factor=1.0, void=number in void)],
                        "resources": resource_rows(number, arm, 1.0),
                        "deployments": [row(number, arm, flavour, strategy)],
                    },
                )
    writer.finish()
    return Run.open(writer.folder)


def requests(random: np.random.Generator, *, noticed: bool, fails: bool) -> list[Row]:
    """From 2 s on, journeys of two requests; `order` is the second of those that buy."""
    rows = []
    for number, at in enumerate(np.arange(2.0, 12.0, 1 / RATE)):
        disturbed = noticed and BEGAN <= at < ENDED
        for step, due in enumerate((float(at), float(at) + 0.1)):
            name = ("search", "order" if number % 4 == 0 else "product")[step]
            wait = 0.02 * random.lognormal(0, 0.2) * (3 if disturbed and name == "search" else 1)
            lost = disturbed and fails and name == "order"
            outcome = Outcome(due + wait, 503 if lost else 200, 10, None, "503" if lost else None)
            journey = "buy" if number % 4 == 0 else "browse"
            rows.append(Row(number, journey, step, name, due, due + 1e-4, outcome))
    return rows


def row(trial: int, arm: str, flavour: str, strategy: str) -> DeploymentRow:
    def ns(seconds: float) -> int:
        return round(seconds * 1e9)

    services, broken = arm == "microservices", flavour == "broken"
    return DeploymentRow(
        trial=trial, arm=arm, flavour=flavour, strategy=strategy, replicas=1,
        outcome="rolled back" if broken else "deployed", reason="no" if broken else "",
        components=("catalog",) if services else ("monolith-web", "monolith-worker"),
        processes=3 if services else 8, artefacts=1, artefact_bytes=90_000,
        began_ns=ns(BEGAN), migrated_ns=None, serving_ns=ns(SERVING),
        ended_ns=ns(SERVING if services else ENDED), version_before="1", version_after="2",
        first_new_ns=ns(6.0), last_old_ns=ns(6.4), old_answers=30, new_answers=50, breaches=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return deployment_run(tmp_path_factory.mktemp("run"))


def kind(run: Run, arm: str, flavour: str, strategy: str) -> Deployed:
    kinds = deployments(run).kinds
    (found,) = (k for k in kinds if (k.arm, k.flavour, k.strategy) == (arm, flavour, strategy))
    return found


def test_what_failed_and_moved_is_counted(run: Run) -> None:
    found = kind(run, "monolith", "code", "recreate")
    assert found.count == found.valid == BLOCKS
    assert found.moved == ("order", "search")
    assert found.blast_radius == pytest.approx(2 / 3, abs=0.12)
    assert found.operations == 3
    assert found.failed_requests == found.failed_journeys == BLOCKS * 20
    assert found.slowed_before < 0.05
    assert (found.serving_s, found.whole_s, found.mixed_s) == pytest.approx((2.0, 4.0, 0.4))


def test_what_slowed_is_told_from_what_failed(run: Run) -> None:
    found = kind(run, "microservices", "code", "recreate")
    assert found.failed_requests == 0
    assert found.moved == ("search",)


def test_what_nobody_noticed_moved_nothing(run: Run) -> None:
    for arm in ARMS:
        found = kind(run, arm, "code", "rolling")
        assert (found.failed_requests, found.moved, found.blast_radius) == (0, (), 0.0)
        assert kind(run, arm, "broken", "rolling").rolled_back == BLOCKS


def test_the_line_is_busy_for_as_long_as_the_best_strategy_takes(run: Run) -> None:
    found = deployments(run)
    assert {arm: best.strategy for arm, best in found.best.items()} == dict.fromkeys(
        ARMS, "rolling"
    )
    assert found.busy_s["monolith"] == pytest.approx((4.0,) * BLOCKS)
    assert found.busy_s["microservices"] == pytest.approx((2.0,) * BLOCKS)


def test_a_kind_without_a_valid_trial_is_not_sound(tmp_path: Path, run: Run) -> None:
    assert deployments(run).sound
    place = KINDS.index(("code", "rolling")) * len(ARMS) + 1
    void = frozenset(place + block * len(KINDS) * len(ARMS) for block in range(BLOCKS))
    assert not deployments(deployment_run(tmp_path, void=void)).sound


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_rank_sums_are_those_of_scipy(shift: float) -> None:
    random = np.random.default_rng(8)
    first, second = random.normal(size=24), random.normal(shift, size=17)
    expected = stats.mannwhitneyu(first, second, method="asymptotic").pvalue
    assert rank_sum_probability(first, second) == pytest.approx(expected)


def test_it_is_shown_in_the_width_of_a_file(run: Run) -> None:
    shown = StringIO()
    print_deployments(Console(file=shown, width=100), run, deployments(run))
    text = shown.getvalue()
    assert "order, search" in text
    assert "3 rolled back" in text
    assert "With many teams" in text
    assert max(map(len, text.splitlines())) <= 100
