"""Change requests: how they are read, how far they reach, and that all of them still fit.

That each one's test fails before and passes after is for `make changes`, which takes minutes.
"""

from pathlib import Path

import pytest

from tests.experiments.modularity.made_up import FILES, edited, write_request
from twinbench.experiments.modularity.blast import SHARED, Before, measured
from twinbench.experiments.modularity.boundaries import BUILDS, CAPABILITIES
from twinbench.experiments.modularity.proving import proved
from twinbench.experiments.modularity.requests import (
    ChangeError,
    Scratch,
    line_counts,
    read_request,
    requests_in,
    require_fitting,
)
from twinbench.paths import CHECKOUT
from twinbench.results.modularity import ChangeRow
from twinbench.topology import load


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch.make(tmp_path_factory.mktemp("scratch") / "checkout")


@pytest.fixture(scope="module")
def before(scratch: Scratch) -> Before:
    return Before.of(scratch.folder, BUILDS)


def test_all_requests_still_fit_the_code_and_say_whom_they_concern() -> None:
    components = load(variables={}).components
    for request in requests_in():
        for build, change in request.changes.items():
            require_fitting(change.patch)
            lines = line_counts(change.patch)
            where = f"{request.name}, {build}"
            assert set(change.capabilities) <= {*CAPABILITIES, SHARED}, where
            assert change.capabilities, where
            for test in change.test:
                file = f"{change.project}/{test.partition('::')[0]}"
                assert file in lines, f"{where}: {file} is not in the patch"
            assert {one.partition(":")[0] for one in change.releases} <= components.keys(), where


def test_a_patch_that_no_longer_fits_names_its_file(tmp_path: Path) -> None:
    own = write_request(tmp_path)
    patch = own / "monolith.patch"
    patch.write_text(edited("monolith/manage.py", "no such line", "another"))
    with pytest.raises(
        ChangeError, match=r"^01-greeting/monolith\.patch does not fit.*monolith/manage\.py"
    ):
        require_fitting(read_request(own).changes["monolith"].patch)


def test_a_request_that_lacks_a_build_names_its_file(tmp_path: Path) -> None:
    own = write_request(tmp_path)
    (own / "request.toml").write_text('title = "x"\nstory = "y"\n')
    with pytest.raises(ChangeError, match=r"request\.toml is no change request: 'monolith'"):
        requests_in(tmp_path)


def row_of(build: str, tmp_path: Path, scratch: Scratch, before: Before) -> ChangeRow:
    request = read_request(write_request(tmp_path))
    return measured(request, build, scratch, before)


def test_a_change_of_the_platform_concerns_the_whole_monolith(
    tmp_path: Path, scratch: Scratch, before: Before
) -> None:
    row = row_of("monolith", tmp_path, scratch, before)
    assert (row.files, row.code_lines, row.test_lines, row.contract_lines) == (4, 6, 5, 0)
    assert row.capabilities == ("catalog", "platform")
    assert row.meant == ("catalog",)
    assert row.artefacts == ("monolith",)
    assert row.components == ("monolith-web", "monolith-worker", "monolith-beat")
    assert row.suites == ("monolith",)
    assert (row.contracts, row.releases) == ((), ())


def test_a_change_of_two_services_concerns_these_alone_and_is_tested_with_the_others(
    tmp_path: Path, scratch: Scratch, before: Before
) -> None:
    row = row_of("microservices", tmp_path, scratch, before)
    assert (row.files, row.code_lines, row.test_lines, row.other_lines) == (5, 6, 10, 2)
    assert row.capabilities == ("cart", "catalog")
    assert set(row.artefacts) == {"microservices/catalog", "microservices/cart"}
    assert set(row.components) == {"cart", "catalog"}
    assert set(row.suites) == {f"microservices/{name}" for name in ("cart", "catalog", "modulith")}
    assert row.releases == ("catalog", "cart")


def test_a_changed_door_event_or_setting_is_seen(
    tmp_path: Path, scratch: Scratch, before: Before
) -> None:
    own = write_request(tmp_path)
    door = scratch.folder / "monolith/shop/cart/domain.py"
    text = door.read_text()
    topology = scratch.folder / "docker-compose.yml"
    settings = topology.read_text()
    door.write_text(text.replace("class CartSnapshot:\n", "class CartSnapshot:\n    gift: bool\n"))
    topology.write_text(
        settings.replace("      CATALOG_URL: http", "      GIFTS: 'on'\n      CATALOG_URL: http", 1)
    )
    try:
        request = read_request(own)
        assert measured(request, "monolith", scratch, before).contracts == ("cart: CartSnapshot",)
        components = measured(request, "microservices", scratch, before).components
    finally:
        door.write_text(text)
        topology.write_text(settings)
    assert "cart" in components


def test_it_is_proved_and_leaves_the_scratch_as_it_was(tmp_path: Path, scratch: Scratch) -> None:
    request = read_request(write_request(tmp_path))
    proof = proved(request.changes["monolith"], scratch, {})
    assert proof.holds
    assert (proof.before.failed, proof.after.tests) == (True, 1)
    for build in BUILDS:
        assert not any((scratch.folder / file).exists() for file in FILES[build])
        assert not any((CHECKOUT / file).exists() for file in FILES[build])
