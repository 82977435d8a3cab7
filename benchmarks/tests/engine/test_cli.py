"""The command line: exit codes and one clear line for each mistake."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from twinbench.cli import COMMANDS


def twinbench(state: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "twinbench", *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TWINBENCH_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("up", "monolit"), "unknown arm 'monolit': choose from monolith, microservices"),
        (("up", "--size", "huge"), "unknown size 'huge': choose from small, medium, large"),
        (("logs", "nothing"), "unknown component 'nothing': choose from acquirer"),
        (("logs", "acquirer"), "acquirer has written nothing yet"),
        (("parity", "luck"), "unknown suite 'luck': choose from conformance"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(
    state: Path, arguments: tuple[str, ...], message: str
) -> None:
    outcome = twinbench(state, *arguments)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith(f"twinbench: {message}")
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout == ""


def test_an_unknown_command_is_told(state: Path) -> None:
    outcome = twinbench(state, "upp")
    assert outcome.returncode == 2
    assert "No such command 'upp'" in outcome.stderr


def test_a_damaged_state_folder_exits_2(state: Path) -> None:
    state.mkdir()
    (state / "state.json").write_text("not JSON")
    outcome = twinbench(state, "up")
    assert (outcome.returncode, outcome.stderr.count("\n")) == (2, 1)
    assert "the state folder is damaged" in outcome.stderr


def test_status_and_down_of_nothing(state: Path) -> None:
    assert twinbench(state, "status").stdout == "nothing is running\n"
    assert json.loads(twinbench(state, "status", "--json").stdout)["components"] == []
    assert twinbench(state, "down").returncode == 0
    assert not state.exists()


def test_doctor_looks_and_touches_nothing(state: Path) -> None:
    outcome = twinbench(state, "doctor")
    subjects = [line.split(":")[0].split(maxsplit=1)[1] for line in outcome.stdout.splitlines()]
    assert {"system", "cores", "limits", "user", "state folder", "disk"} <= set(subjects)
    assert not state.exists()


def test_another_format_is_refused(state: Path) -> None:
    state.mkdir()
    (state / "state.json").write_text('{"format": 99}')
    outcome = twinbench(state, "up")
    assert outcome.returncode == 2
    assert "made by another version" in outcome.stderr


def test_every_command_is_found_in_its_module() -> None:
    for module in sorted(set(COMMANDS.values())):
        app = typer.Typer()
        import_module(f"twinbench.commands.{module}").register(app)
        found = {
            one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands
        }
        found |= {group.name or "" for group in app.registered_groups}
        assert found == {name for name, home in COMMANDS.items() if home == module}


def test_commands_that_measure_nothing_load_no_statistics(state: Path) -> None:
    script = "import sys; sys.argv = ['twinbench', 'status']\nfrom twinbench.cli import app\n"
    check = "app(standalone_mode=False)\nassert not {'scipy', 'locust'} & set(sys.modules)"
    environment = {**os.environ, "TWINBENCH_STATE": str(state)}
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script + check], check=True, cwd=folder, env=environment)
