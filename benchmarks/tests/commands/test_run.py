"""`run` with several experiments: all mistakes are told before anything is measured."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from twinbench.cli import app
from twinbench.errors import TwinbenchError


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
