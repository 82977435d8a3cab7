"""Replacing what serves while it is asked all the time."""

import shutil
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import get
from tests.engine.test_running import component, facts
from twinbench.engines.protocol import (
    Engine,
    EngineError,
    ReplaceStrategy,
    RolledBackError,
    UnsupportedByEngineError,
)

BESIDE: tuple[ReplaceStrategy, ...] = ("rolling", "blue-green")


@dataclass
class Asked:
    """What a client that never stops asking was told: greetings in order, and failures."""

    greetings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def asking(url: str) -> Iterator[Asked]:
    asked, over = Asked(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                asked.greetings.append(asked_again(url)["GREETING"])
            except (urllib.error.URLError, OSError) as error:
                asked.failures.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield asked
    finally:
        over.set()
        for thread in threads:
            thread.join()


def asked_again(url: str) -> Any:
    """As every browser does where a connection ends without a byte of answer (RFC 9110, 9.2.2): a
    gateway that takes new settings opens its port anew, and what waited in the old one is reset."""
    try:
        return get(url)
    except OSError as error:
        if not isinstance(getattr(error, "reason", error), ConnectionResetError):
            raise
        return get(url)


@pytest.mark.parametrize("strategy", BESIDE)
def test_nobody_notices_a_replacement(alpha: Engine, strategy: ReplaceStrategy) -> None:
    gateway = alpha.gateway("alpha")
    alpha.scale("alpha-web", 2)
    before = {replica.pids[0] for replica in component(alpha, "alpha-web").replicas}
    with asking(gateway) as asked:
        for greeting in ("first", "second"):
            alpha.replace("alpha-web", environment={"GREETING": greeting}, strategy=strategy)
            assert {get(gateway)["GREETING"] for _ in range(8)} == {greeting}
    after = component(alpha, "alpha-web").replicas
    alpha.scale("alpha-web", 1)
    assert asked.failures == []
    assert asked.greetings[-1] == "second"
    assert len(after) == 2
    assert not {replica.pids[0] for replica in after} & before
    alpha.replace("alpha-web", environment={"GREETING": "hello"})


@pytest.mark.parametrize("strategy", ["recreate", *BESIDE])
def test_what_does_not_get_ready_is_rolled_back(alpha: Engine, strategy: ReplaceStrategy) -> None:
    gateway = alpha.gateway("alpha")
    with asking(gateway) as asked:
        with pytest.raises(RolledBackError, match="did not start: exit status 9"):
            alpha.replace("alpha-web", environment={"BROKEN": "yes"}, strategy=strategy)
        assert get(gateway)["GREETING"] == "hello"
    assert strategy == "recreate" or asked.failures == []
    assert len(component(alpha, "alpha-web").replicas) == 1
    alpha.replace("alpha-web")
    assert get(gateway)["GREETING"] == "hello"


@pytest.mark.parametrize("strategy", ["recreate", *BESIDE])
def test_code_comes_from_another_folder_and_goes_back(
    alpha: Engine, folder: Path, strategy: ReplaceStrategy
) -> None:
    gateway = alpha.gateway("alpha")
    source = next_world(alpha, folder / "next")
    alpha.replace("alpha-web", source=source, strategy=strategy)
    assert get(gateway)["version"] == 2
    alpha.replace("alpha-web", strategy=strategy)
    assert "version" not in get(gateway)


def next_world(engine: Engine, folder: Path) -> Path:
    world = Path(str(engine.paths.root)).parent / "world"
    shutil.copytree(world, folder, symlinks=True)
    server = folder / "web" / "server.py"
    server.write_text(server.read_text().replace("known = {", 'known = {"version": 2, '))
    seed = folder / "web" / "seed.py"
    seed.write_text(seed.read_text().replace("seeded", "migrated"))
    return folder


def test_a_job_runs_again_with_other_code(alpha: Engine, folder: Path) -> None:
    alpha.run_job("alpha-seed", source=next_world(alpha, folder / "next"))
    assert facts(alpha) == ["seeded small", "migrated small"]
    alpha.reset("alpha")
    assert facts(alpha) == ["seeded small"]
    with pytest.raises(EngineError, match="no job"):
        alpha.run_job("alpha-web")


@pytest.mark.parametrize("strategy", BESIDE)
def test_what_serves_nobody_is_not_run_twice(alpha: Engine, strategy: ReplaceStrategy) -> None:
    with pytest.raises(UnsupportedByEngineError, match="use strategy 'recreate'"):
        alpha.replace("alpha-worker", strategy=strategy)
