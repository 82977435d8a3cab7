"""What is read from code, against a small shop that was worked out by hand."""

from pathlib import Path

import pytest

from tests.experiments.modularity.planting import copied
from twinbench.analysis.coupling import Coupling, Edge, couplings
from twinbench.experiments.modularity.boundaries import BUILDS
from twinbench.experiments.modularity.doors import changed, door_of
from twinbench.experiments.modularity.reading import (
    address_edges,
    handlers,
    import_edges,
    imports_of,
    publishers,
    surfaces,
    tables,
)
from twinbench.topology import load

# Carts ask the catalog at its door, twice; orders reach behind the cart's, and use the platform.
SHOP = {
    "cart/services.py": "from shop.catalog import public\nfrom shop.platform import outbox\n",
    "cart/selectors.py": "from shop.catalog.public import price\n",
    "cart/models.py": "from shop.cart import domain\n",
    "cart/domain.py": "import math\n",
    "catalog/public.py": "from shop.catalog.selectors import price\n",
    "catalog/selectors.py": "def price(product_id: int) -> int:\n    return 1\n",
    "orders/services.py": "def place() -> None:\n    from shop.cart.models import CART\n",
    "platform/outbox.py": "",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "monolith" / "shop"
    for name, text in SHOP.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for folder in (root, *(one for one in root.iterdir() if one.is_dir())):
        (folder / "__init__.py").touch()
    return tmp_path


def test_imports_of_a_small_shop_by_hand(shop: Path) -> None:
    rows = list(import_edges("monolith", imports_of("monolith", shop)))
    assert [(one.source, one.target, one.kind, one.declared) for one in rows] == [
        ("cart", "catalog", "public", True),
        ("cart", "catalog", "public", True),
        ("orders", "cart", "import", False),
    ]
    assert rows[2].detail == "shop.orders.services -> shop.cart.models"
    edges = [Edge(one.source, one.target, one.kind) for one in rows]
    assert couplings(("cart", "catalog", "orders"), edges) == (
        Coupling("cart", afferent=1, efferent=1, edges=3, instability=0.5),
        Coupling("catalog", afferent=1, efferent=0, edges=2, instability=0.0),
        Coupling("orders", afferent=0, efferent=1, edges=1, instability=1.0),
    )


def test_a_surface_by_hand(shop: Path) -> None:
    every = surfaces("monolith", imports_of("monolith", shop), shop)
    [found] = [one for one in every if one.capability == "catalog"]
    assert (found.modules, found.door, found.events) == (3, ("price",), ())


def test_a_door_is_what_a_caller_must_know(shop: Path) -> None:
    before = door_of("monolith", "catalog", shop)
    assert before == {"price": "(product_id: int) -> int"}
    code = shop / "monolith/shop/catalog/selectors.py"
    code.write_text("def price(product_id: int) -> int:\n    return 2\n")
    assert changed(before, door_of("monolith", "catalog", shop)) == []
    code.write_text("def price(product_id: int, currency: str) -> int:\n    return 1\n")
    assert changed(before, door_of("monolith", "catalog", shop)) == ["price"]


def test_an_operation_means_all_its_schemas(tmp_path: Path) -> None:
    checkout = copied(tmp_path / "checkout", "microservices/payments")
    before = door_of("microservices", "payments", checkout)
    assert "POST /internal/payments/{order_id}/authorize" in before
    document = checkout / "microservices/payments/openapi.json"
    text = document.read_text()
    assert '"token": {' in text
    document.write_text(text.replace('"token": {', '"card": {'))
    assert changed(before, door_of("microservices", "payments", checkout)) == [
        "POST /internal/payments/{order_id}/authorize"
    ]


@pytest.mark.parametrize("build", BUILDS)
def test_every_capability_is_there_and_tells_what_it_should(build: str) -> None:
    imports = imports_of(build)
    found = {one.capability: one for one in surfaces(build, imports)}
    assert all(one.modules > 5 for one in found.values())
    assert found["orders"].events == ("order.cancelled", "order.confirmed", "order.shipped")
    assert found["accounts"].events == ("account.created",)
    assert len(found["inventory"].door) >= 4


def test_tables_events_and_handlers_of_the_monolith() -> None:
    assert tables()["orders_orderline"] == "orders"
    assert publishers("monolith")["order.shipped"] == "orders"
    assert handlers()["catalog.sold"] == "catalog"


def test_addresses_are_those_of_the_topology() -> None:
    found = {(one.source, one.target) for one in address_edges(load(variables={}))}
    assert ("orders", "payments") in found
    assert ("notifications", "accounts") in found
    assert ("payments", "orders") not in found
