"""Generator processes: what they play, alone and together, on a shop that always says the same."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.load.truth import probe_plan
from twinbench.load.arrivals import Process, Segment, fixed, schedule_arrivals, stepped
from twinbench.load.generator import Generator, GeneratorError
from twinbench.load.plan import Customer, LoadPlan, Shop

STEPS = {
    "browse": ["search", "list", "product", "recommendations"],
    "buy": ["product", "add to cart", "cart", "order", "order status"],
    "account": ["sign in", "account", "order history", "notifications"],
    "operate": ["stock", "restock", "set price"],
}
MIX = {"browse": 3.0, "buy": 2.0, "account": 2.0, "operate": 1.0}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    script = Path(__file__).parents[1] / "shop_server.py"
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        customers = tuple(Customer(f"{n}@shop.example", "secret", "token") for n in range(6))
        yield Shop(url, customers, "token", ("chairs",), ("oak",), tuple(range(1, 50)))
        process.kill()


@pytest.fixture(scope="module")
def pair() -> Iterator[Generator]:
    with Generator(processes=2) as running:
        yield running


def plan_of(
    shop: Shop,
    requests: Path,
    *,
    course: tuple[Segment, ...] = (),
    process: Process = "poisson",
    mix: dict[str, float] = MIX,
) -> LoadPlan:
    return LoadPlan(
        trial=1, rate=40.0, warmup_s=0.5, measure_s=2.0, tail_s=0.5, drain_s=10.0, seed=5, mix=mix,
        zipf=1.0, think_s=0.01, cores=(0,), requests_path=str(requests), shop=shop, process=process,
        course=course,
    )  # fmt: skip


def choices(requests: pa.Table) -> set[tuple[object, ...]]:
    """What was asked, without what depends on the moment."""
    names = ("journey_id", "journey", "step", "request", "status", "error")
    return set(zip(*(requests[name].to_pylist() for name in names), strict=True))


def test_every_journey_makes_its_steps_in_order(
    generator: Generator, shop: Shop, tmp_path: Path
) -> None:
    report = generator.play(plan_of(shop, tmp_path / "r"))
    requests = pq.read_table(tmp_path / "r")
    journeys: dict[int, list[str]] = {}
    kinds: dict[int, str] = {}
    for row in requests.sort_by([("journey_id", "ascending"), ("step", "ascending")]).to_pylist():
        journeys.setdefault(row["journey_id"], []).append(row["request"])
        kinds[row["journey_id"]] = row["journey"]
    assert len(journeys) == 120
    assert {kinds[number]: steps for number, steps in journeys.items()} == STEPS
    assert all(steps == STEPS[kinds[number]] for number, steps in journeys.items())
    assert (report.arrivals, report.failed) == (80, 0)
    assert set(requests["status"].to_pylist()) == {200, 201}
    assert set(requests["replica"].to_pylist()) == {"web-1"}


def test_several_processes_play_what_one_would(
    generator: Generator, pair: Generator, shop: Shop, tmp_path: Path
) -> None:
    alone = generator.play(plan_of(shop, tmp_path / "one"))
    together = pair.play(plan_of(shop, tmp_path / "two"))
    one, two = (pq.read_table(tmp_path / name) for name in ("one", "two"))
    assert two.schema.equals(one.schema, check_metadata=True)
    assert choices(one) == choices(two)
    assert np.all(np.diff(two["intended_ns"].to_numpy()) >= 0)
    assert (together.arrivals, together.requests) == (alone.arrivals, alone.requests)
    assert len(together.processes) == 2
    assert all(0 < process.cpu <= together.cpu for process in together.processes)
    first = {name: table.filter(table["step"].to_numpy() == 0) for name, table in
             (("one", one), ("two", two))}  # fmt: skip
    for name in ("journey_id", "intended_ns"):
        assert np.allclose(
            first["one"][name].to_numpy().astype(float),
            first["two"][name].to_numpy().astype(float),
            atol=1000,
        )


@pytest.mark.parametrize("process", ["poisson", "constant"])
def test_arrivals_follow_the_course(
    pair: Generator, shop: Shop, tmp_path: Path, process: Process
) -> None:
    plan = plan_of(shop, tmp_path / "r", course=stepped([20, 80], 1.0), process=process)
    report = pair.play(plan)
    requests = pq.read_table(tmp_path / "r")
    first = requests.filter(requests["step"].to_numpy() == 0)
    due = first["intended_ns"].to_numpy() / 1e9
    assert np.histogram(due, bins=[0, 0.5, 1.5, 2.5, 3.0])[0].tolist() == [20, 20, 80, 20]
    expected = schedule_arrivals(plan.whole_course, weights=MIX, seed=5, process=process)
    assert due == pytest.approx(expected.times, abs=1e-6)
    assert report.arrivals == 100


def test_what_cannot_be_reached_is_on_record(generator: Generator, tmp_path: Path) -> None:
    plan = probe_plan("http://127.0.0.1:1", tmp_path / "r", rate=50, seconds=0.5, seed=1)
    report = generator.play(plan)
    assert (report.arrivals, report.failed, report.transactions) == (25, 25, 25)
    assert set(pq.read_table(tmp_path / "r")["error"].to_pylist()) == {"ConnectionRefusedError"}


def test_a_mistake_ends_the_generator(shop: Shop, tmp_path: Path) -> None:
    plan = plan_of(replace(shop, products=()), tmp_path / "r")
    with (
        Generator(processes=2) as pair,
        pytest.raises(GeneratorError, match=r"the load generator failed: .*nothing to choose from"),
    ):
        pair.play(plan)


def test_a_plan_survives_its_file(shop: Shop, tmp_path: Path) -> None:
    plan = plan_of(shop, tmp_path / "r", course=stepped([1, 2], 1.0), process="constant")
    plan.write(tmp_path / "plan")
    assert LoadPlan.read(tmp_path / "plan") == plan
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o600


def test_a_course_must_fill_the_window(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="takes 3 s, the measured window 2"):
        plan_of(shop, tmp_path / "r", course=fixed(1.0, 3.0))


def test_a_generator_needs_a_process() -> None:
    with pytest.raises(ValueError, match="needs a process"):
        Generator(processes=0)
