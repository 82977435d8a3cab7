"""What databases show of who depends on whom, on a real server and on rows worked out by hand."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from twinbench.commands import sandbox
from twinbench.engines.process import ProcessEngine
from twinbench.experiments.modularity.working import (
    delivered_edges,
    handled_edges,
    query_edges,
    reference_edges,
    statements,
    watch_statements,
)

SANDBOX = Path(sandbox.__file__).with_name("sandbox.compose.yml")
TABLES = {"orders_order": "orders", "orders_orderline": "orders", "cart_cart": "cart"}
PASSWORD = "only of this test"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The superuser's URL of a server that counts statements, as those of the arms do."""
    state = Path(mkdtemp(prefix="twinbench-statements-"))
    state.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    flag = "-c shared_preload_libraries=pg_stat_statements"
    topology = state / "compose.yml"
    counting = SANDBOX.read_text().replace("command: postgres ", f"command: postgres {flag} ")
    topology.write_text(counting)
    engine = ProcessEngine(state=state, topology_file=topology)
    with engine.temporarily_up(["sandbox"]):
        yield engine.database_url("sandbox-database", admin=True)


def as_role(url: str, role: str, database: str) -> str:
    return make_conninfo(url, user=role, password=PASSWORD, dbname=database)


def test_a_query_in_anothers_database_is_seen(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        for name in ("cart", "orders"):
            role = sql.Identifier(name)
            create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, PASSWORD)
            admin.execute(create)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    with psycopg.connect(as_role(server, "cart", "cart"), autocommit=True) as own:
        own.execute("CREATE TABLE carts (id int)")
        own.execute("GRANT SELECT ON carts TO orders")
        watch_statements(server)
        own.execute("SELECT id FROM carts")
    assert list(query_edges("microservices", statements(server), {})) == []
    with psycopg.connect(as_role(server, "orders", "cart"), autocommit=True) as foreign:
        foreign.execute("SELECT count(*) FROM carts")
    found = list(query_edges("microservices", statements(server), {}))
    assert {(one.source, one.target, one.kind, one.declared) for one in found} == {
        ("orders", "cart", "query", False)
    }
    assert "SELECT count(*) FROM carts" in [one.detail for one in found]


def test_a_statement_over_tables_of_two_owners_belongs_to_the_first() -> None:
    ran = [
        ("shop", "shop", 'SELECT "orders_order"."id" FROM "orders_order" JOIN orders_orderline'),
        ("shop", "shop", "UPDATE cart_cart SET x = $1 FROM orders_order WHERE true"),
        ("shop", "shop", "DELETE FROM platform_outboxevent"),
    ]
    [edge] = query_edges("monolith", ran, TABLES)
    assert (edge.source, edge.target, edge.kind) == ("cart", "orders", "query")


def test_a_foreign_key_between_capabilities_is_undeclared() -> None:
    found = [("orders_orderline", "orders_order", "own"), ("cart_cart", "orders_order", "theirs")]
    [edge] = reference_edges(found, TABLES)
    assert (edge.source, edge.target, edge.declared) == ("cart", "orders", False)


def test_who_handles_depends_on_who_tells() -> None:
    names = {"notifications.order": "notifications", "orders.own": "orders"}
    taken = [("order.shipped", "notifications.order"), ("order.shipped", "orders.own")]
    [edge] = handled_edges(taken, names, {"order.shipped": "orders"})
    assert (edge.source, edge.target, edge.detail) == ("notifications", "orders", "order.shipped")
    assert edge.declared


def test_an_event_goes_from_one_outbox_to_the_inboxes_that_have_it() -> None:
    sent = {"orders": {"1": "order.confirmed", "2": "order.shipped"}, "catalog": {"3": "product.x"}}
    received = {"catalog": ["1"], "cart": ["3"], "notifications": ["1", "2"]}
    found = delivered_edges(sent, received)
    assert [(one.source, one.target, one.detail, one.declared) for one in found] == [
        ("cart", "catalog", "product.x", False),
        ("catalog", "orders", "order.confirmed", True),
        ("notifications", "orders", "order.confirmed", True),
        ("notifications", "orders", "order.shipped", True),
    ]
