"""`make changes`: of each change request and build, its test fails before and passes after."""

import os

import pytest

from twinbench.experiments.modularity.boundaries import BUILDS
from twinbench.experiments.modularity.proving import proved
from twinbench.experiments.modularity.requests import Request, Scratch, requests_in

pytestmark = pytest.mark.changes
REQUESTS = requests_in()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch.make(tmp_path_factory.mktemp("scratch") / "checkout")


@pytest.fixture(scope="module")
def servers() -> dict[str, str]:
    return {name: os.environ[name] for name in ("TEST_DATABASE_URL", "TEST_REDIS_URL")}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("request_", REQUESTS, ids=[one.name for one in REQUESTS])
def test_its_test_fails_before_and_passes_after(
    request_: Request, build: str, scratch: Scratch, servers: dict[str, str]
) -> None:
    proof = proved(request_.changes[build], scratch, servers)
    assert proof.holds, str(proof)
