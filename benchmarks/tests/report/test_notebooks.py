"""Every notebook is stored without outputs, holds no logic, and runs from top to bottom."""

import ast
import time
from pathlib import Path

import orjson
import pytest

from tests.all_runs import MAKERS, all_others
from tests.synthetic import THREE_ARMS, write_run
from twinbench.report.figures import Picture
from twinbench.report.notebooks import PARAMETERS, cells_of, play
from twinbench.report.page import CHAPTERS, NOTEBOOKS
from twinbench.results.choosing import SAMPLE, MissingRunError, found_in

TUTORIAL = "your_own_question"
EXPERIMENTS = ("latency", *MAKERS)
ALL = sorted(NOTEBOOKS.glob("*.ipynb"))
_LOGIC = (
    ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try,
    ast.With, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Compare, ast.BinOp,
)  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of every experiment; the last, of latency, has a rate past every knee."""
    root = tmp_path_factory.mktemp("results")
    all_others(root)
    write_run(root, rates=(10.0, 20.0, 40.0), arms=THREE_ARMS, blocks=3, void=frozenset({5}))
    return root


def latency_in(results: Path) -> str:
    return str(next(results.glob("*-latency")))


def test_there_is_a_chapter_for_every_notebook_but_the_tutorial() -> None:
    assert {path.stem for path in ALL} == {*CHAPTERS, TUTORIAL}


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(notebook: Path) -> None:
    for cell in orjson.loads(notebook.read_bytes())["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: path.stem)
def test_it_takes_the_run_as_a_parameter_and_holds_no_logic(notebook: Path) -> None:
    code = [cell for cell in cells_of(notebook) if cell["cell_type"] == "code"]
    tagged = [cell for cell in code if PARAMETERS in cell["metadata"].get("tags", ())]
    assert [cell["source"].partition(" ")[0] for cell in tagged] == ["RUN"]
    nodes = [node for cell in code for node in ast.walk(ast.parse(cell["source"]))]
    assert not [node for node in nodes if isinstance(node, _LOGIC)]
    froms = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert all(module.startswith("twinbench.") for module in froms)
    assert not [node for node in nodes if isinstance(node, ast.Import)]


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: path.stem)
def test_it_runs_within_a_minute_and_no_picture_is_empty(
    notebook: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Picture] = []

    def svg(picture: Picture) -> str:
        drawn.append(picture)
        return as_it_was(picture)

    as_it_was = Picture.svg
    monkeypatch.setattr(Picture, "svg", svg)
    began = time.monotonic()
    pieces = list(play(notebook, {"RUN": latency_in(results)}))
    assert time.monotonic() - began < 60
    assert any(piece.kind == "svg" for piece in pieces)
    assert all("Not shown" not in piece.text for piece in pieces)
    axes = [axis for picture in drawn for axis in picture.figure.axes if axis.get_visible()]
    assert axes
    assert all(axis.has_data() for axis in axes)


def test_a_run_that_is_missing_is_told(tmp_path: Path) -> None:
    run = write_run(tmp_path, blocks=1, rates=(20.0,))
    with pytest.raises(MissingRunError, match="no run of capacity here yet"):
        list(play(NOTEBOOKS / "capacity.ipynb", {"RUN": str(run.folder)}))


def test_a_cell_that_shows_nothing_of_itself_is_an_error(tmp_path: Path) -> None:
    notebook = tmp_path / "odd.ipynb"
    cell = {"cell_type": "code", "metadata": {}, "source": ["x = 3\n", "x"], "outputs": []}
    notebook.write_bytes(orjson.dumps({"cells": [cell]}))
    with pytest.raises(TypeError, match="a cell ends with a int"):
        list(play(notebook))


def test_the_sample_plays_whatever_it_has_a_run_of() -> None:
    """As a new user has it: the checkout's own results/sample."""
    newest = {one.experiment: one.folder for one in found_in(SAMPLE) if one.state == "finished"}
    assert "latency" in newest
    for notebook in ALL:
        if notebook.stem in newest or notebook.stem not in EXPERIMENTS:
            assert list(play(notebook, {"RUN": str(newest["latency"])}))


def test_the_sample_is_small() -> None:
    files = list(SAMPLE.rglob("*.parquet"))
    assert sum(path.stat().st_size for path in files) < 8e6
