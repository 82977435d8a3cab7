"""Roles that try every database, on a real server."""

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

import psycopg
import pytest

from twinbench.commands.sandbox import temporary_servers
from twinbench.engines.protocol import Engine
from twinbench.experiments.decentralization.ownership import Reach, reaches
from twinbench.topology import load

SHOP = "monolith"
APART = "modulith"
TABLES = {"orders": ("orders", "order_lines", "outbox"), "cart": ("carts",)}


class Servers:
    """Only where databases are: those of an arm, on one server of the tests' own."""

    def __init__(self, admin: str) -> None:
        self._admin = admin

    def database_url(self, _component: str, *, database: str) -> str:
        place = urlsplit(self._admin)
        host = place.netloc.rpartition("@")[2]
        return place._replace(netloc=f"{database}:secret@{host}", path=f"/{database}").geturl()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with temporary_servers() as variables:
        yield variables["TEST_DATABASE_URL"]


def make(admin: str, database: str, tables: Mapping[str, str] | tuple[str, ...]) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {database} LOGIN PASSWORD 'secret'".encode())
        connection.execute(f"CREATE DATABASE {database} OWNER {database}".encode())
        connection.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC".encode())
    url = Servers(admin).database_url("", database=database)
    with psycopg.connect(url) as connection:
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (id int)".encode())


def test_one_role_reads_the_tables_of_all(server: str) -> None:
    make(server, "shop", ("orders_order", "cart_cart", "cart_line", "platform_outbox", "django_x"))
    found = {
        one.capability: one
        for one in reaches(cast("Engine", Servers(server)), load(variables={}), SHOP)
    }
    assert found["cart"] == Reach("cart", "shop", own=2, shared=2, others=1, refused=0)
    assert found["payments"] == Reach("payments", "shop", own=0, shared=2, others=3, refused=0)


def test_a_role_of_its_own_reads_its_own(server: str) -> None:
    shop = load(variables={})
    for service in shop.components["modulith-db"].environment["OWNER_DATABASE"].split():
        make(server, service, TABLES.get(service, ()))
    servers = cast("Engine", Servers(server))
    found = {one.capability: one for one in reaches(servers, shop, APART)}
    assert found["orders"] == Reach("orders", "orders", own=2, shared=1, others=0, refused=7)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("GRANT CONNECT ON DATABASE orders TO cart")
    orders = Servers(server).database_url("", database="orders")
    with psycopg.connect(orders) as connection:
        connection.execute("GRANT SELECT ON order_lines TO cart")
    # What was opened to it, it is seen to read.
    found = {one.capability: one for one in reaches(servers, shop, APART)}
    assert found["cart"] == Reach("cart", "cart", own=1, shared=0, others=1, refused=6)
