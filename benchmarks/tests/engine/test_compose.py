"""What is the compose engine's alone, and that both engines start the same."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import engine_in
from twinbench import doctor
from twinbench.engines.compose import daemon, subnets
from twinbench.engines.compose.engine import ComposeEngine
from twinbench.engines.compose.groups import Groups
from twinbench.engines.compose.project import document, project_name
from twinbench.engines.protocol import Engine, EngineError, UnsupportedByEngineError
from twinbench.images import command_of
from twinbench.paths import CHECKOUT, TOPOLOGY_FILE, StatePaths
from twinbench.topology import Kind, Topology, load

on_compose_alone = pytest.mark.only_on("compose")


def as_compose_reads_it() -> Mapping[str, Any]:
    command = [*daemon.compose_command(), "--profile", "*", "config", "--format", "json"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True)
    return dict(json.loads(done.stdout)["services"])


def _command(read: Mapping[str, Any]) -> tuple[str, ...]:
    """The image's own where Compose is told none."""
    if read["command"] is not None:
        return tuple(read["command"])
    return command_of(Path(read["build"]["context"]) / read["build"]["dockerfile"])


def _started_before(read: Mapping[str, Any], topology: Topology) -> set[str]:
    """Without what another implementation would need, which this shop does not have."""
    return {
        name
        for name, how in read.get("depends_on", {}).items()
        if how["required"] or name in topology.components
    }


@on_compose_alone
def test_both_engines_read_the_same_topology() -> None:
    """Commands, and with the environment workers, threads and pools: what Compose would start."""
    services, topology = as_compose_reads_it(), load(TOPOLOGY_FILE)
    for name, component in topology.components.items():
        read = services[name]
        assert _command(read) == component.command, name
        assert read.get("environment", {}) == dict(component.environment), name
        assert _started_before(read, topology) == set(component.depends_on), name
        assert (read.get("restart") == "unless-stopped") == component.restart, name
        assert {s["source"] for s in read.get("secrets", ())} == set(component.secrets), name
        assert read.get("deploy", {}).get("replicas", 1) == read.get("scale", 1) == 1, name
    assert set(topology.components) <= set(services)


@on_compose_alone
def test_both_engines_start_the_same(alpha: Engine, world: Path, state: Path) -> None:
    other = engine_in(state, world, on_compose=False)
    other.up(["alpha"])
    try:
        assert told(alpha, world) == told(other, world)
    finally:
        other.down()


def told(engine: Engine, world: Path) -> dict[str, object]:
    """What each component was started with, but for addresses and paths, which must differ."""
    topology = load(world / "compose.yml")
    found: dict[str, object] = {}
    for one in engine.status().components:
        component = topology.components[one.name]
        if component.kind is Kind.JOB or component.arm == "beta":
            continue
        plain = {k: v for k, v in component.environment.items() if ":" not in v and "/" not in v}
        names = set(plain) - {"HOST", "PORT", "GATEWAY_HOST", "GATEWAY_PORT"}
        mains = [Path(f"/proc/{replica.pids[0]}") for replica in one.replicas]
        own = component.kind in {Kind.APP, Kind.GATEWAY}
        environments = [environment_of(main) for main in mains] if own else []
        settings = [{n: e.get(n) for n in sorted(names)} for e in environments]
        flags = [w for w in component.command[1:] if "/" not in w]
        found[one.name] = one.kind, len(one.replicas), settings
        if component.kind is not Kind.CACHE:  # Valkey writes over its arguments
            given = [[w for w in flags if w in words_of(main)] for main in mains]
            assert given == [flags] * len(mains), one.name
    return found


def environment_of(process: Path) -> dict[str, str]:
    entries = (process / "environ").read_text().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def words_of(process: Path) -> list[str]:
    return (process / "cmdline").read_text().split("\0")


@on_compose_alone
def test_code_in_an_image_is_not_reloaded(alpha: Engine) -> None:
    with pytest.raises(UnsupportedByEngineError, match="its code is in its image: use strategy"):
        alpha.replace("alpha-web", strategy="reload")


@on_compose_alone
def test_what_was_made_by_half_is_made_anew(engine: ComposeEngine, state: Path) -> None:
    engine.up(["alpha"])
    engine.down()
    (state / "compose" / "alpha-db.database.json").write_text('{"made": false}')
    engine.up(["alpha"])
    assert {one.health for one in engine.status().components} == {"ready", "done"}


@on_compose_alone
def test_data_made_with_another_password_is_told(engine: ComposeEngine, state: Path) -> None:
    engine.up(["alpha"])
    engine.down()
    (state / "secrets" / "admin-password").unlink()  # the next `up` makes a new one
    with pytest.raises(EngineError, match="alpha-db holds data made with another password") as told:
        engine.up(["alpha"])
    assert "\n" not in str(told.value)
    assert "down --volumes" in str(told.value)


def test_a_missing_engine_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    engine = ComposeEngine()
    with pytest.raises(EngineError, match="no Docker engine answers") as told_as:
        engine.status()
    assert "\n" not in str(told_as.value)
    findings = {finding.subject: finding for finding in doctor.examine(engine)}
    assert findings["Docker"].verdict is doctor.Verdict.FAIL


def test_an_old_compose_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho 2.6.1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    daemon.compose_command.cache_clear()
    with pytest.raises(EngineError, match=r"Compose 2\.20 or newer is needed, this is 2\.6\.1"):
        daemon.compose_command()
    program.unlink()
    with pytest.raises(EngineError, match="there is none"):
        daemon.compose_command()
    daemon.compose_command.cache_clear()


def test_groups_are_named_as_each_driver_wants_them(tmp_path: Path) -> None:
    plain = Groups("shop-1", systemd=False, version="cgroup-v1", roots={"cpu": tmp_path})
    assert plain.parent("micro", "cart-db") == "/shop_1/micro/cart_db"
    units = Groups("shop-1", systemd=True, version="cgroup-v2", roots={"": tmp_path})
    assert units.parent("micro", "cart-db") == "shop_1-micro-cart_db.slice"
    nested = "shop_1.slice/shop_1-micro.slice/shop_1-micro-cart_db.slice"
    assert units.component("cpu", "micro", "cart-db") == tmp_path / nested
    assert units.arm("cpu", "micro") == (tmp_path / nested).parent


def test_networks_share_a_block_of_their_own() -> None:
    names = list(document(TOPOLOGY_FILE)["networks"])
    given = subnets.shares(subnets.free_block("some-project"), names)
    assert len(set(given.values())) == len(names)


def test_state_folders_elsewhere_have_projects_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    usual = StatePaths(CHECKOUT / ".twinbench")
    assert project_name(usual, TOPOLOGY_FILE) == "twinbench"
    elsewhere = StatePaths(tmp_path)
    assert project_name(elsewhere, TOPOLOGY_FILE) == f"twinbench-{elsewhere.identity}"
