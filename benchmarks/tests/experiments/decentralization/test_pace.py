"""What a one-line edit needs, and nothing else."""

from pathlib import Path

import pytest

from twinbench.experiments.decentralization.ownership import capabilities_of
from twinbench.experiments.decentralization.pace import edited
from twinbench.paths import CHECKOUT
from twinbench.topology import load


@pytest.mark.parametrize(
    ("arm", "components", "suites"),
    [
        ("monolith", ("monolith-web", "monolith-worker", "monolith-beat"), ("monolith",)),
        ("microservices", ("orders",), ("microservices/orders",)),
        ("modulith", ("modulith-web",), ("microservices/orders", "microservices/modulith")),
    ],
)
def test_only_what_has_the_code_is_tested_and_replaced(
    tmp_path: Path, arm: str, components: tuple[str, ...], suites: tuple[str, ...]
) -> None:
    shop = load(variables={})
    edit = edited(shop, arm, "orders", tmp_path / "copy")
    assert tuple(component.name for component in edit.components) == components
    assert edit.suites == suites
    own = "monolith/shop" if arm == "monolith" else "microservices/orders"
    before = (CHECKOUT / own / "orders" / "domain.py").read_text()
    after = (edit.folder / own / "orders" / "domain.py").read_text()
    assert after.startswith(before)
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    # What tests look at beside their project is there, and is the checkout's.
    assert (edit.folder / "contract" / "cases").is_dir()
    assert not (edit.folder / ".git").exists()


def test_capabilities_are_the_services() -> None:
    found = capabilities_of(load(variables={}))
    assert len(found) == 8
    for capability in found:
        assert (CHECKOUT / "monolith" / "shop" / capability / "domain.py").exists()
        assert (CHECKOUT / "microservices" / capability / capability / "domain.py").exists()
