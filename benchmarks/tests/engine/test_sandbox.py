"""`twinbench sandbox`: servers that live as long as one command."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import kill, processes_of, until

CHECK = """
import os, psycopg, redis
with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
    connection.execute("CREATE DATABASE mine")
    print(connection.execute("SHOW server_version_num").fetchone()[0][:2])
with redis.Redis.from_url(os.environ["TEST_REDIS_URL"]) as client:
    print(client.ping())
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def sandbox(*command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "twinbench", "sandbox", "--", *command],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sleepers(temporary: Path) -> list[int]:
    processes = (process.partition(" ") for process in processes_of(temporary))
    return [int(pid) for pid, _, command in processes if command.startswith("sleep ")]


def leftovers(temporary: Path) -> list[Path]:
    return list(temporary.glob("twinbench-sandbox-*"))


def test_the_command_gets_its_servers_and_nothing_is_left(temporary: Path) -> None:
    with sandbox(sys.executable, "-c", CHECK) as command:
        out, err = command.communicate(timeout=60)
    assert (command.returncode, out.split()) == (0, ["18", "True"]), err
    assert leftovers(temporary) == []
    assert processes_of(temporary) == []


@pytest.mark.parametrize(
    ("command", "status"),
    [(("sh", "-c", "exit 7"), 7), (("sh", "-c", "kill -9 $$"), 137), (("no-such-command",), 127)],
)
def test_its_exit_status_is_the_commands(
    temporary: Path, command: tuple[str, ...], status: int
) -> None:
    with sandbox(*command) as run:
        run.communicate(timeout=60)
    assert run.returncode == status
    assert leftovers(temporary) == []


def test_a_killed_sandbox_is_cleaned_up_too(temporary: Path) -> None:
    with sandbox("sleep", "600") as command:
        until(lambda: sleepers(temporary) != [], "the command to run")
        kill(command.pid)
        for sleeper in sleepers(temporary):
            kill(sleeper)
    until(lambda: leftovers(temporary) == [], "the sandbox to be removed")
    until(lambda: processes_of(temporary) == [], "its processes to end")
