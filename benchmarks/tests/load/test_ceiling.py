import os

from twinbench.load.ceiling import Closed, Level, closed_loop, trivial_server


def level(*, processes: int, achieved: float, capacity: float) -> Level:
    return Level(
        processes=processes, share=0.45, closed=Closed(rate=9000, capacity=12_000), offered=4000,
        achieved=achieved, lag_p99_ms=1.0, cpu=0.5, wait=0.0, capacity=capacity,
    )  # fmt: skip


def test_a_level_is_held_within_one_percent() -> None:
    assert level(processes=1, achieved=3961, capacity=6000).held
    assert not level(processes=1, achieved=3959, capacity=6000).held


def test_capacity_is_compared_core_by_core() -> None:
    assert level(processes=2, achieved=4000, capacity=12_000).per_core == 0.5


def test_the_server_answers_on_its_core_and_tells_what_it_used() -> None:
    core, before = max(os.sched_getaffinity(0)), os.sched_getaffinity(0)
    with trivial_server(core) as server:
        assert os.sched_getaffinity(server.pid) == {core}
        used = server.cpu_seconds()
        closed = closed_loop(server, core)
        assert server.cpu_seconds() > used
    assert closed.capacity >= closed.rate > 100
    assert os.sched_getaffinity(0) == before
