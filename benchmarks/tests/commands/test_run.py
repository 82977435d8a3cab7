"""`run` with several experiments: all mistakes are told before anything is measured."""

from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

from tests.fake_engine import FakeEngine
from tests.synthetic import write_run
from twinbench.cli import app
from twinbench.commands.asking import Asked
from twinbench.commands.run import runs_of
from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.watcher import Watcher


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("latency", "sclaing"), "unknown experiment 'sclaing': choose from latency, capacity"),
        (("latency", "hops", "latency"), "latency is named twice"),
        (("latency", "hops", "--resume", "results/x"), "--resume goes on with one run"),
        (("latency", "hops", "--slo", "x.toml"), "--slo judges runs of latency"),
        (("latency", "--within", "300"), "--within is what capacity and scaling search by"),
        (("capacity", "--within", "0"), "--within is in milliseconds, 1 or more"),
        (("scaling", "--within", "nan"), "--within is in milliseconds, 1 or more"),
        (("consistency", "--rate", "4"), "consistency takes no --rate"),
        (("consistency", "--profile", "fast"), "unknown profile 'fast'"),
        (("consistency", "--resume", "results/x"), "a run of consistency is of one piece: begin"),
        (("hops", "consistency", "--arms", "mono"), "unknown arm 'mono'"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], complaint: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", *arguments, "--out", str(tmp_path / "results")])
    assert isinstance(result.exception, TwinbenchError)
    assert complaint in str(result.exception)
    assert not (tmp_path / "results").exists()


def test_arms_stay_up_between_those_that_want_them_alike(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,))
    seen: list[bool] = []

    def measure(engine: Engine, _watcher: Watcher) -> Path:
        seen.append(engine.status().running)
        return run.folder

    names = ("hops", "latency", "capacity", "simplicity", "scaling", "modularity")
    with FakeEngine(["monolith"]) as engine:
        asked = Asked(arms="monolith")
        measures = dict.fromkeys(names, measure)
        runs = list(runs_of(measures, cast("Engine", engine), asked, quiet=True))
        assert not engine.running
    assert seen == [False, True, True, False, True, False]
    assert len(runs) == len(names)
