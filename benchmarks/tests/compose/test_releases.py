"""Which image a component's next version is, and who builds it; no engine is asked."""

from pathlib import Path

import pytest

from twinbench.engines.compose.project import release_of
from twinbench.engines.protocol import EngineError
from twinbench.paths import TOPOLOGY_FILE


def test_components_of_one_image_share_what_is_built(tmp_path: Path) -> None:
    names = ("monolith-web", "monolith-worker", "monolith-beat", "monolith-migrate")
    sources = dict.fromkeys(names, str(tmp_path))
    (release,) = {release_of(TOPOLOGY_FILE, name, sources) for name in names}
    assert (release.builder, release.context) == ("monolith-web", tmp_path / "monolith")
    assert release.image.startswith("twinbench-release/monolith-web:")


def test_another_source_is_another_image(tmp_path: Path) -> None:
    first, second = (
        release_of(TOPOLOGY_FILE, "catalog", {"catalog": str(tmp_path / name)}) for name in "ab"
    )
    assert first.image != second.image
    assert first.builder == second.builder == "catalog"
    assert first.context == tmp_path / "a" / "microservices"


def test_what_is_not_built_has_no_next_version(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="catalog-db has no image that could be built"):
        release_of(TOPOLOGY_FILE, "catalog-db", {"catalog-db": str(tmp_path)})
