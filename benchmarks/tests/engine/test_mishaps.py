"""What the engine does when things go wrong: nothing is left running, nothing is lost."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.engine.conftest import (
    PATIENCE,
    get,
    kill,
    processes_of,
    start_up_command,
    until,
)
from twinbench.engines.process import ProcessEngine
from twinbench.engines.procfs import process_row
from twinbench.engines.protocol import EngineError
from twinbench.engines.state import write_atomically


def supervisor_and_guard(engine: ProcessEngine) -> tuple[int, int]:
    pid = engine.status().components[0].replicas[0].pids[0]
    row = process_row(pid)
    assert row is not None
    guard = process_row(row.parent)
    assert guard is not None
    return row.parent, guard.parent


def all_gone(state: Path) -> None:
    until(lambda: processes_of(state) == [], "all processes to end")


@pytest.mark.parametrize("phase", ["alpha-db starting", "alpha-seed running", "alpha-web starting"])
def test_killing_up_leaves_no_process_and_no_trap(
    engine: ProcessEngine, world: Path, state: Path, phase: str
) -> None:
    with start_up_command(state, world, "alpha") as command:
        assert command.stdout is not None
        for line in command.stdout:
            if line.strip() == phase:
                break
        kill(command.pid)
    all_gone(state)
    assert not engine.status().running
    engine.up(["alpha"])
    assert get(engine.gateway("alpha"))["COMPONENT"] == "alpha-web"


def test_interrupting_up_takes_all_down_before_it_returns(world: Path, state: Path) -> None:
    with start_up_command(state, world, "alpha") as command:
        assert command.stdout is not None
        for line in command.stdout:
            if line.strip() == "alpha-db ready":
                command.send_signal(signal.SIGINT)
                break
        command.stdout.read()
        assert command.wait() != 0
    assert processes_of(state) == []


def test_down_ends_an_up_that_is_under_way(engine: ProcessEngine, world: Path, state: Path) -> None:
    with start_up_command(state, world, "alpha") as command:
        assert command.stdout is not None
        for line in command.stdout:
            if line.strip() == "alpha-db ready":
                break
        engine.down()
        command.stdout.read()
    assert command.returncode != 0
    assert processes_of(state) == []


def test_killing_an_up_of_one_arm_spares_the_other(
    engine: ProcessEngine, world: Path, state: Path
) -> None:
    engine.up(["beta"])
    with start_up_command(state, world, "alpha") as command:
        assert command.stdout is not None
        for line in command.stdout:
            if line.strip() == "alpha-db ready":
                break
        kill(command.pid)
    until(lambda: {c.name for c in engine.status().components} == {"beta-web"}, "alpha to be gone")
    assert engine.status().arms == ("beta",)


@pytest.mark.parametrize("victims", ["supervisor", "guard", "both"])
def test_killing_the_supervisor_leaves_no_process(
    engine: ProcessEngine, state: Path, victims: str
) -> None:
    engine.up(["alpha"])
    with psycopg.connect(engine.database_url("alpha-db")) as connection:
        connection.execute("INSERT INTO facts VALUES ('kept')")
    engine.freeze("alpha")
    supervisor, guard = supervisor_and_guard(engine)
    if victims != "supervisor":
        kill(guard)
    if victims != "guard":
        kill(supervisor)
    if victims == "both":
        # Frozen processes cannot act on the signal that their parent's death sent them.
        engine.down()
    all_gone(state)
    engine.up(["alpha"])
    with psycopg.connect(engine.database_url("alpha-db")) as connection:
        facts = connection.execute("SELECT fact FROM facts ORDER BY fact").fetchall()
    assert facts == [("kept",), ("seeded small",)]


def test_without_supervisor_and_guard_the_running_end_by_themselves(
    engine: ProcessEngine, state: Path
) -> None:
    engine.up(["alpha"])
    supervisor, guard = supervisor_and_guard(engine)
    kill(guard)
    kill(supervisor)
    all_gone(state)


def test_a_component_that_does_not_start_is_named_with_the_end_of_its_log(
    engine: ProcessEngine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BETA_BROKEN", "yes")
    with pytest.raises(EngineError) as failure:
        engine.up(["alpha", "beta"])
    message = str(failure.value)
    assert message.startswith("beta-web-1 did not start: exit status 9")
    assert "I cannot go on like this" in message
    all_gone(state)


def test_a_job_that_fails_is_named_and_runs_again(
    engine: ProcessEngine, world: Path, state: Path
) -> None:
    greeting = world / "library" / "greeting.py"
    good = greeting.read_text()
    greeting.write_text("raise SystemExit('no greeting today')\n")
    with pytest.raises(EngineError, match="job alpha-seed failed: exit status 1") as failure:
        engine.up(["alpha"])
    assert "no greeting today" in str(failure.value)
    all_gone(state)
    greeting.write_text(good)
    engine.up(["alpha"])


def test_a_taken_port_is_told_with_its_holder(
    engine: ProcessEngine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        monkeypatch.setenv("ALPHA_PORT", str(port))
        with pytest.raises(EngineError) as failure:
            engine.up(["alpha"])
    message = str(failure.value)
    assert f"port {port} of alpha-gateway is taken by process {os.getpid()}" in message
    assert "ALPHA_PORT=" in message
    all_gone(state)
    engine.up(["alpha"])
    assert engine.gateway("alpha") == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("file", ["state.json", "stamps/alpha-seed.job.json", "processes.json"])
def test_a_damaged_file_is_named_and_nothing_is_lost(
    engine: ProcessEngine, state: Path, file: str
) -> None:
    engine.up(["alpha"])
    engine.down()
    good = (state / file).read_bytes() if (state / file).exists() else None
    (state / file).write_text('{"torn')
    with pytest.raises(EngineError, match="the state folder is damaged") as failure:
        engine.up(["alpha"])
    assert str(state / file) in str(failure.value)
    all_gone(state)
    if good is None:
        (state / file).unlink()
    else:
        (state / file).write_bytes(good)
    engine.up(["alpha"])


def test_a_missing_cluster_is_told_not_replaced(engine: ProcessEngine, state: Path) -> None:
    engine.up(["alpha"])
    engine.down()
    cluster = state / "postgres" / "clusters" / "alpha-db"
    cluster.rename(cluster.with_name("elsewhere"))
    with pytest.raises(EngineError, match=r"the state folder is damaged: .*PG_VERSION"):
        engine.up(["alpha"])
    cluster.with_name("elsewhere").rename(cluster)
    engine.up(["alpha"])


def test_a_half_made_cluster_is_made_anew(engine: ProcessEngine, state: Path) -> None:
    engine.up(["alpha"])
    engine.down()
    (state / "stamps" / "alpha-db.database.json").unlink()
    (state / "stamps" / "alpha-seed.job.json").unlink()
    engine.up(["alpha"])
    with psycopg.connect(engine.database_url("alpha-db")) as connection:
        assert connection.execute("SELECT fact FROM facts").fetchall() == [("seeded small",)]


def test_a_state_folder_that_cannot_be_made_is_told(world: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    engine = ProcessEngine(state=tmp_path / "file" / "state", topology_file=world / "compose.yml")
    with pytest.raises(EngineError, match=r"cannot write to the state folder .*TWINBENCH_STATE"):
        engine.up(["alpha"])


def obey_permissions() -> None:
    """Has root, too, be refused what a folder's mode forbids."""
    drop_from_bounding_set, dac_override = 24, 1
    if os.getuid() == 0:
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0) == 0


def test_no_permission_is_told(folder: Path) -> None:
    folder.chmod(0o555)
    outcome = subprocess.run(
        [sys.executable, "-m", "twinbench", "up", "monolith"],
        preexec_fn=obey_permissions,
        env={**os.environ, "TWINBENCH_STATE": str(folder / "state")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert outcome.returncode == 2
    assert outcome.stderr.count("\n") == 1
    assert "cannot write to the state folder" in outcome.stderr
    assert outcome.stdout == ""


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.getuid() != 0 or mount is None or umount is None:
        pytest.skip("only root can make a small disk")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=30m", "none", disk], check=False)
    if made.returncode != 0:
        pytest.skip("this machine mounts nothing")
    yield disk
    subprocess.run([umount, disk], check=True)


def test_a_full_disk_is_told_and_leaves_no_trap(world: Path, small_disk: Path) -> None:
    engine = ProcessEngine(state=small_disk / "state", topology_file=world / "compose.yml")
    try:
        with pytest.raises(EngineError):
            engine.up(["alpha"])
        all_gone(small_disk)
        remount = ["-o", "remount,size=400m", "none", str(small_disk)]
        subprocess.run([shutil.which("mount") or "mount", *remount], check=True)
        engine.up(["alpha"])
        assert get(engine.gateway("alpha"))["COMPONENT"] == "alpha-web"
    finally:
        engine.down()


def test_root_finds_a_place_for_databases_that_their_user_can_reach(
    world: Path, tmp_path: Path
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root needs one")
    tmp_path.chmod(0o700)
    engine = ProcessEngine(state=tmp_path / "state", topology_file=world / "compose.yml")
    with engine.temporarily_up(["alpha"]):
        home = Path("/var/lib/twinbench") / engine.paths.identity
        assert (home / "clusters" / "alpha-db" / "PG_VERSION").exists()
        owner = (home / "clusters" / "alpha-db").owner()
        assert owner == "nobody"
    assert not home.exists()


def test_a_write_that_fails_keeps_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_atomically(file, b"before")
    with pytest.raises(TypeError):
        write_atomically(file, object())  # type: ignore[arg-type]
    assert file.read_bytes() == b"before"
