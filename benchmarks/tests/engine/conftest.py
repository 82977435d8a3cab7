"""A small world, run by the real engine with real servers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from twinbench.engines.compose.engine import ComposeEngine
from twinbench.engines.process import ProcessEngine
from twinbench.engines.protocol import Engine
from twinbench.paths import CHECKOUT

WORLD = Path(__file__).parent / "world"
PATIENCE = 60.0
UP = """
import sys
from contextlib import contextmanager
from pathlib import Path
from twinbench.engines.process import ProcessEngine
engine = ProcessEngine(state=Path(sys.argv[1]), topology_file=Path(sys.argv[2]))
engine.up(sys.argv[3:], progress=lambda step: print(step.component, step.phase, flush=True))
"""


def copy_of_world(folder: Path) -> Path:
    """With an environment that has what its programs import: ours."""
    shutil.copytree(WORLD, folder)
    for script in ("postgres/create-owner.sh", "valkey/entrypoint.sh"):
        copy = folder / script
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(CHECKOUT / "deploy" / script, copy)
    (folder / "web" / ".venv").symlink_to(sys.prefix)
    return folder


@contextmanager
def open_folder() -> Iterator[Path]:
    """One that all may enter, unlike pytest's: where root's PostgreSQL can have its data."""
    folder = Path(tempfile.mkdtemp(prefix="twinbench-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def world(folder: Path) -> Path:
    return copy_of_world(folder / "world")


@pytest.fixture
def state(folder: Path) -> Path:
    return folder / "state"


@pytest.fixture(scope="session")
def on_compose(pytestconfig: pytest.Config) -> bool:
    """Whether it is the compose engine that is under test."""
    return bool(pytestconfig.getoption("--engine") == "compose")


def engine_in(state: Path, world: Path, *, on_compose: bool) -> Engine:
    kind = ComposeEngine if on_compose else ProcessEngine
    return kind(state=state, topology_file=world / "compose.yml")


@pytest.fixture
def engine(world: Path, state: Path, on_compose: bool) -> Iterator[Engine]:
    engine = engine_in(state, world, on_compose=on_compose)
    yield engine
    if isinstance(engine, ComposeEngine):
        engine.erase()
    else:
        engine.down()
    assert processes_of(state) == []


@pytest.fixture(scope="session")
def shared(on_compose: bool) -> Iterator[Engine]:
    with open_folder() as folder:
        world = copy_of_world(folder / "world")
        engine = engine_in(folder / "state", world, on_compose=on_compose)
        with engine.temporarily_up(["alpha"]):
            yield engine
        until(lambda: processes_of(folder / "state") == [], "all processes to end")


@pytest.fixture
def alpha(shared: Engine) -> Engine:
    """An arm that is up, for tests that leave it so."""
    shared.wait_ready("alpha")
    return shared


def until(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.02)


def processes_of(state: Path) -> list[str]:
    """Command lines of all processes that have to do with the state folder, zombies aside."""
    marks = [str(state), f"HOME={state}"]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            texts = [
                (process / name).read_text(errors="replace") for name in ("cmdline", "environ")
            ]
        except OSError:
            continue
        if int(process.name) != os.getpid() and any(
            mark in text for mark in marks for text in texts
        ):
            found.append(f"{process.name} {texts[0]}".replace("\0", " "))
    return found


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 -- our own server
        return json.load(answer)


def start_up_command(state: Path, world: Path, *arms: str) -> "subprocess.Popen[str]":
    """`up` in a process of its own, to be killed."""
    return subprocess.Popen(
        [sys.executable, "-c", UP, str(state), str(world / "compose.yml"), *arms],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
