"""Arms from copies of the tree, started once for all tests that share them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.copies import Copied, copied_tree
from tests.kills.mutants import MUTANTS
from twinbench.engines.process import ProcessEngine


@pytest.fixture(scope="session", params=MUTANTS)
def copied(request: pytest.FixtureRequest) -> Iterator[Copied]:
    arm: str = request.param
    folder = Path(tempfile.mkdtemp(prefix="twinbench-mutants-"))
    folder.chmod(0o755)  # root's PostgreSQL runs as another user, who must pass through
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{arm.upper()}_PORT", "0")
        tree = folder / "tree"
        tree.mkdir()
        engine = ProcessEngine(
            state=folder / "state", topology_file=copied_tree(tree) / "docker-compose.yml"
        )
        with engine.temporarily_up([arm]):
            yield Copied(arm, tree, engine)
    shutil.rmtree(folder, ignore_errors=True)
