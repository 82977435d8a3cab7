"""Next versions: every patch still fits the code, and says what it concerns."""

import ast
from pathlib import Path

import pytest

from twinbench.experiments.deployment.probing import breach
from twinbench.experiments.deployment.releases import (
    CONTRACT,
    MARKS,
    Flavour,
    PatchError,
    build_of,
    compiled,
    make_release,
    packed_bytes,
    patch_of,
    target_of,
    touched,
)
from twinbench.paths import CHECKOUT
from twinbench.topology import load

BUILDS = ("monolith", "microservices")
FLAVOURS: tuple[Flavour, ...] = ("code", "schema", "broken")
PRODUCT = {
    "id": 1, "name": "Oak", "description": "", "category": "tables", "tags": ["oak"], "sold": 0,
    "price": {"amount": 1, "currency": "EUR"}, "available": None,
    "created_at": "2026-11-23T09:30:00.123456Z", "updated_at": "2026-11-23T09:30:00.123456Z",
}  # fmt: skip


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_patch_fits_a_copy_and_leaves_the_checkout_alone(
    build: str, flavour: Flavour, tmp_path: Path
) -> None:
    patches = [patch_of(build, flavour)]
    if flavour == "schema":
        patches.append(patch_of(build, CONTRACT))
    before = {file: (CHECKOUT / file).exists() for patch in patches for file in touched(patch)}
    release = make_release(tmp_path / "release", build, patches)
    for patch in patches:
        for file in touched(patch):
            ast.parse((release / file).read_text())
    assert {file: (CHECKOUT / file).exists() for file in before} == before
    changed = [file for file, there in before.items() if there]
    assert all((release / f).read_text() != (CHECKOUT / f).read_text() for f in changed)
    assert any("version" in (release / file).read_text().lower() for file in changed)
    if flavour != "broken":
        added = "".join((release / file).read_text() for file in changed)
        assert MARKS[flavour] in added


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    patch = tmp_path / "monolith-odd.patch"
    patch.write_text(
        "--- a/monolith/manage.py\n+++ b/monolith/manage.py\n@@ -1 +1 @@\n-no such line\n+other\n"
    )
    with pytest.raises(PatchError, match=r"monolith-odd\.patch does not fit"):
        make_release(tmp_path / "release", "monolith", [patch])


def test_a_release_inside_the_checkout_is_no_part_of_its_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    patch = patch_of("monolith", "code")
    release = make_release(tmp_path / "state" / "release", "monolith", [patch])
    assert "in_stock" in (release / "monolith/shop/catalog/serializers.py").read_text()


def test_a_change_of_the_catalog_concerns_one_service_and_the_whole_monolith() -> None:
    topology = load(variables={})
    monolith = target_of(topology, "monolith", "code")
    assert monolith.serving == ("monolith-web",)
    assert monolith.others == ("monolith-worker", "monolith-beat")
    assert monolith.job == "monolith-migrate"
    assert monolith.artefacts == (("monolith",),)
    catalog = target_of(topology, "microservices", "schema")
    assert catalog.components == catalog.serving == ("catalog",)
    assert catalog.job == "catalog-migrate"
    modulith = target_of(topology, "modulith", "broken")
    assert modulith.components == ("modulith-web",)
    assert build_of("modulith") == "microservices"


def test_a_build_has_programs_compiled_code_and_a_size(tmp_path: Path) -> None:
    release = make_release(tmp_path / "release", "monolith", [patch_of("monolith", "code")])
    before = packed_bytes(release, ("monolith",))
    assert 20_000 < before < 1_000_000
    compiled(release, [("monolith",)])
    assert list((release / "monolith/shop/catalog/__pycache__").glob("domain.*.pyc"))
    assert packed_bytes(release, ("monolith",)) == before


def test_answers_are_read_as_before_the_change() -> None:
    assert breach("Product", PRODUCT) is None
    assert breach("Product", {**PRODUCT, "in_stock": True}) is None
    assert breach("Product", {**PRODUCT, "sold": "3"}) == "Product.sold is no integer"
    assert breach("Product", {**PRODUCT, "sold": True}) == "Product.sold is no integer"
    assert breach("Product", {**PRODUCT, "available": 3}) is None
    assert breach("Product", {**PRODUCT, "price": 3}) == "Product.price is no object"
    assert breach("Product", {"id": 1}) == "Product lacks name"
    assert breach("Product", []) == "Product is no object"
