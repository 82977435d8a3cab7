"""All notebooks once more, by Jupyter's own kernel: what we play is what Jupyter plays."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.all_runs import all_others
from tests.synthetic import THREE_ARMS, write_run
from twinbench.paths import CHECKOUT
from twinbench.report.notebooks import PARAMETERS, play
from twinbench.report.page import NOTEBOOKS


@pytest.mark.filterwarnings("default")  # those of Jupyter's own packages are not ours to mend
def test_jupyter_shows_what_we_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT / "benchmarks"))
    monkeypatch.setenv("PYTHONWARNINGS", "always")
    results = tmp_path / "results"
    all_others(results)
    run = write_run(results, rates=(10.0, 20.0), arms=THREE_ARMS, blocks=2)
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    # One after another in one kernel: it takes longer to start than to play.
    played = nbformat.v4.new_notebook()
    for path in paths:
        for cell in nbformat.read(path, as_version=4).cells:
            cell["id"] = f"cell{len(played.cells)}"
            played.cells.append(cell)
            if PARAMETERS in cell.metadata.get("tags", ()):
                source = f"RUN = {str(run.folder)!r}"
                played.cells.append(
                    nbformat.v4.new_code_cell(source, id=f"given{len(played.cells)}")
                )
    NotebookClient(
        played, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()
    outputs = [one for cell in played.cells for one in cell.get("outputs", ())]
    assert {one.output_type for one in outputs} == {"execute_result"}
    ours = [
        piece
        for path in paths
        for piece in play(path, {"RUN": str(run.folder)})
        if piece.kind != "markdown"
    ]
    for jupyters, own in zip(outputs, ours, strict=True):
        best = "image/svg+xml" if own.kind == "svg" else "text/html"
        assert jupyters.data[best] == own.text
