"""The boundaries of both builds, as their code is: what is found is declared.

And each kind of breach is made on purpose: it is found, moves the figures, and is told.
"""

from pathlib import Path

import pytest

from tests.experiments.modularity.planting import append, copied
from twinbench.analysis.coupling import Coupling, Edge, breaches, couplings, cycles, waiting
from twinbench.experiments.modularity.boundaries import BUILDS, CAPABILITIES, may_ask
from twinbench.experiments.modularity.reading import imports_of
from twinbench.experiments.modularity.rules import Plant, noticed
from twinbench.experiments.modularity.studying import code_edges
from twinbench.experiments.modularity.working import call_edges
from twinbench.paths import CHECKOUT
from twinbench.results.modularity import EdgeRow

HEADER = (
    'app;desc="orders POST /api/v1/orders";dur=9.0;cpu=1.0, calls;dur=2.0, '
    'call;dur=2.0;desc="cart GET /internal/carts/{account_id}";own=1.0;cpu=0.5;from="orders"'
)


def edges_of(rows: list[EdgeRow]) -> list[Edge]:
    return [Edge(one.source, one.target, one.kind, one.detail, one.declared) for one in rows]


def found_in(build: str, checkout: Path = CHECKOUT) -> list[Edge]:
    return edges_of(code_edges(build, imports_of(build, checkout), checkout))


def coupling_of(part: str, edges: list[Edge]) -> Coupling:
    return couplings(CAPABILITIES, edges)[CAPABILITIES.index(part)]


@pytest.fixture(scope="module")
def clean() -> dict[str, list[Edge]]:
    return {build: found_in(build) for build in BUILDS}


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    return copied(tmp_path / "checkout", *BUILDS)


@pytest.mark.parametrize("build", BUILDS)
def test_all_that_the_code_shows_is_declared_and_free_of_cycles(
    build: str, clean: dict[str, list[Edge]]
) -> None:
    assert breaches(clean[build]) == ()
    assert cycles(waiting(clean[build])) == ()
    assert {(one.source, one.target) for one in clean[build]} >= may_ask(build)


# Where it is written, what, and the project whose own check is to notice.
_FORBIDDEN = {
    "monolith": (
        "monolith/shop/cart/services.py",
        "from shop.orders.models import Order",
        "monolith",
    ),
    "microservices": (
        "microservices/cart/cart/services.py",
        "from orders.models import Order",
        "microservices/cart",
    ),
}


@pytest.mark.parametrize("build", BUILDS)
def test_a_forbidden_import(build: str, builds: Path, clean: dict[str, list[Edge]]) -> None:
    file, line, project = _FORBIDDEN[build]
    append(builds / file, line)
    found = found_in(build, builds)
    [breach] = breaches(found)
    assert (breach.source, breach.target, breach.kind) == ("cart", "orders", "import")
    assert (coupling_of("cart", found).efferent, coupling_of("orders", found).afferent) == (
        coupling_of("cart", clean[build]).efferent + 1,
        coupling_of("orders", clean[build]).afferent + 1,
    )
    assert cycles(waiting(found)) == (("cart", "orders"),)
    importer, imported = breach.detail.split(" -> ")
    if build == "microservices":
        imported = breach.target  # what is outside a project is one module in its graph
    assert noticed(CHECKOUT / project, [Plant("cart", "door", importer, imported)]) == [True]


def test_a_query_over_anothers_table(builds: Path, clean: dict[str, list[Edge]]) -> None:
    append(
        builds / "monolith/shop/cart/selectors.py",
        '_LAST = "SELECT max(created_at) FROM orders_order WHERE account_id = %s"',
    )
    found = found_in("monolith", builds)
    [breach] = breaches(found)
    assert (breach.source, breach.target, breach.kind) == ("cart", "orders", "query")
    before = coupling_of("cart", clean["monolith"])
    assert coupling_of("cart", found).efferent == before.efferent + 1


def test_the_address_of_anothers_database(builds: Path, clean: dict[str, list[Edge]]) -> None:
    topology = builds / "docker-compose.yml"
    theirs = "      CARTS_URL: postgresql://cart@cart-db:5432/cart\n"
    text = topology.read_text()
    assert text.count("      PAYMENTS_URL: http://payments:8000\n") == 1
    topology.write_text(text.replace("      PAYMENTS_URL:", f"{theirs}      PAYMENTS_URL:"))
    [breach] = breaches(found_in("microservices", builds))
    assert (breach.source, breach.target, breach.kind) == ("orders", "cart", "query")
    assert breach.detail == "CARTS_URL"


def test_an_undeclared_call(clean: dict[str, list[Edge]]) -> None:
    told = f'{HEADER}, call;dur=1;desc="orders GET /internal/x";own=1;cpu=1;from="catalog"'
    before = clean["microservices"] + edges_of(list(call_edges([HEADER])))
    assert breaches(before) == ()
    found = clean["microservices"] + edges_of(list(call_edges([HEADER, told])))
    [breach] = breaches(found)
    assert (breach.source, breach.target, breach.kind) == ("catalog", "orders", "call")
    assert coupling_of("catalog", found).efferent == coupling_of("catalog", before).efferent + 1
    assert cycles(waiting(found)) == (("cart", "catalog", "orders"),)
