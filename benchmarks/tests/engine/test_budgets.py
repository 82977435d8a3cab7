"""Budgets: by this machine's kernel where it permits them, and the files of either version."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from twinbench.engines.budgets import Group
from twinbench.engines.cgroups import Hierarchy, find_hierarchy
from twinbench.engines.protocol import Engine, EngineError, Limit, Part

needs_cgroups = pytest.mark.skipif(find_hierarchy() is None, reason="no cgroup may be made here")


def components(engine: Engine) -> list[str]:
    return [one.name for one in engine.stats("alpha", memory=False)]


def cpu_group_of(pid: int) -> str:
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    groups = {
        name: line.split(":", 2)[2] for line in lines for name in line.split(":")[1].split(",")
    }
    return groups.get("cpu") or groups[""]


def is_in_group(pid: int, name: str) -> bool:
    """A component's group is one in that of its arm, whichever engine has made it."""
    words = cpu_group_of(pid).replace("_", "-").split("/")
    return any(arm.endswith("alpha") and own == name for arm, own in pairwise(words))


@needs_cgroups
def test_a_divided_budget_has_a_pool_for_each_component(alpha: Engine) -> None:
    names = components(alpha)
    parts = tuple(Part(name, 0.5 / len(names), None) for name in names)
    applied = alpha.limit("alpha", Limit(cpus=0.5, parts=parts))
    assert applied.means in {"cgroup-v1", "cgroup-v2"}
    stats = alpha.stats("alpha", memory=False)
    assert {one.pool for one in stats} == set(names)
    assert all(one.throttled_seconds is not None for one in stats)
    for one in alpha.status().components:
        for replica in one.replicas:
            inside = is_in_group(replica.pids[0], one.name)
            assert inside == (one.name in names)
    alpha.kill("alpha-web")
    alpha.wait_ready("alpha")
    (web,) = (one for one in alpha.status().components if one.name == "alpha-web")
    assert is_in_group(web.replicas[0].pids[0], "alpha-web")
    alpha.limit("alpha", Limit(cpus=0.5))
    assert {one.pool for one in alpha.stats("alpha", memory=False)} == {"alpha"}
    assert alpha.limit("alpha", Limit()).means == "none"


@needs_cgroups
def test_a_pool_holds_back_what_wants_more(alpha: Engine) -> None:
    alpha.limit("alpha", Limit(cpus=0.05))
    before = alpha.stats("alpha", memory=False)[0].throttled_seconds
    alpha.reset("alpha")
    after = alpha.stats("alpha", memory=False)[0].throttled_seconds
    alpha.limit("alpha", Limit())
    assert before is not None
    assert after is not None
    assert after > before


@needs_cgroups
@pytest.mark.only_on("process")  # a container is in its arm's group from its first instant
def test_a_memory_budget_counts_from_the_start(alpha: Engine) -> None:
    pids = {one.name: one.replicas[0].pids[0] for one in alpha.status().components if one.replicas}
    alpha.limit("alpha", Limit(memory_bytes=900_000_000))
    now = {one.name: one.replicas[0].pids[0] for one in alpha.status().components if one.replicas}
    assert {name for name in pids if pids[name] != now[name]} == set(components(alpha))
    alpha.limit("alpha", Limit())
    later = {one.name: one.replicas[0].pids[0] for one in alpha.status().components if one.replicas}
    assert later == now


@needs_cgroups
def test_a_division_that_forgets_somebody_is_refused(alpha: Engine) -> None:
    with pytest.raises(EngineError, match="names every component once: alpha-broker, alpha-db"):
        alpha.limit("alpha", Limit(cpus=0.5, parts=(Part("alpha-web", 0.5, None),)))
    alpha.limit("alpha", Limit())


def test_version_2_is_written_as_the_kernel_reads_it(tmp_path: Path) -> None:
    group = Group(Hierarchy("cgroup-v2", tmp_path, tmp_path), "arm")
    group.divide({"web": [], "db": []})
    parts = (Part("web", 0.5, 300_000_000), Part("db", 0.25, None))
    group.apply(Limit(cpus=0.75, memory_bytes=500_000_000, parts=parts))
    arm = tmp_path / "arm"
    assert (arm / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (arm / "cpu.max").read_text() == "75000 100000"
    assert (arm / "memory.max").read_text() == "500000000"
    assert (arm / "web/cpu.max").read_text() == "50000 100000"
    assert (arm / "db/memory.max").read_text() == "max"
    (arm / "cpu.stat").write_text("usage_usec 9\nthrottled_usec 2500000\n")
    assert group.throttled_seconds() == 2.5


def test_a_delegated_group_hands_its_controllers_down(tmp_path: Path) -> None:
    """Its processes, ours, go into a leaf: the kernel wants a group without any for that."""
    scope = tmp_path / "cgroup/scope"
    scope.mkdir(parents=True)
    (scope / "cgroup.controllers").write_text("cpu memory pids")
    (scope / "cgroup.subtree_control").write_text("")
    (scope / "cgroup.procs").write_text(f"{os.getpid()}\n")
    proc = tmp_path / "proc"
    proc.mkdir()
    point = tmp_path / "cgroup"
    (proc / "mountinfo").write_text(f"30 23 0:26 / {point} rw - cgroup2 cgroup2 rw\n")
    (proc / "cgroup").write_text("0::/scope\n")
    assert find_hierarchy(proc) is None  # a file keeps what was written; a kernel would answer
    assert (scope / "cgroup.subtree_control").read_text() == "+cpu +memory"
    assert (scope / "twinbench-own/cgroup.procs").read_text() == str(os.getpid())
    (scope / "cgroup.subtree_control").write_text("cpu memory")
    (proc / "cgroup").write_text("0::/scope/twinbench-own\n")
    assert find_hierarchy(proc) == Hierarchy("cgroup-v2", scope, scope)
