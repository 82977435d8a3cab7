"""Which tables the role of each capability can read: tried with its own password, everywhere."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, LiteralString
from urllib.parse import urlsplit

import psycopg

from twinbench.engines.protocol import Engine
from twinbench.topology import Kind, Topology

_READABLE: Final[LiteralString] = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')"
)
# Of the services' arm: there each capability is a component of its own.
_APART: Final = "microservices"
# Of no capability, wherever they are: what migrations and events need.
_SHARED: Final = frozenset({"alembic_version", "outbox", "inbox"})
_CONNECT_S: Final = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """Tables by whose they are; `refused` databases of the arm let the role not in."""

    capability: str
    role: str
    own: int
    shared: int
    others: int
    refused: int


def capabilities_of(topology: Topology) -> tuple[str, ...]:
    """In alphabetical order."""
    return tuple(sorted(c.name for c in topology.of_arm(_APART) if c.kind is Kind.APP))


def reaches(engine: Engine, topology: Topology, arm: str) -> Iterator[Reach]:
    """One for each capability. Raises psycopg.Error for a role that cannot read its own."""
    urls, known = dict(_databases(engine, topology, arm)), capabilities_of(topology)
    for capability in known:
        role = capability if (capability, capability) in urls else _only_role(urls)
        found = list(_tables(urls, role, frozenset(known)))
        let_in = [whose for whose in found if whose is not None]
        counted = Counter(one for whose in let_in for one in whose)
        yield Reach(
            capability,
            role,
            own=counted[capability],
            shared=counted[""],
            others=counted.total() - counted[capability] - counted[""],
            refused=len(found) - len(let_in),
        )


def _databases(
    engine: Engine, topology: Topology, arm: str
) -> Iterator[tuple[tuple[str, str], str]]:
    """Role and database, and the URL with the role's own password."""
    for component in topology.of_arm(arm):
        if component.kind is Kind.DATABASE:
            owners = component.environment["OWNER_ROLE"].split()
            databases = component.environment["OWNER_DATABASE"].split()
            for owner, database in zip(owners, databases, strict=True):
                url = engine.database_url(component.name, database=database)
                yield (owner, database), url


def _only_role(urls: Mapping[tuple[str, str], str]) -> str:
    [role] = {role for role, _ in urls}
    return role


def _tables(
    urls: Mapping[tuple[str, str], str], role: str, known: frozenset[str]
) -> Iterator[list[str] | None]:
    """Database by database: whose each readable table is, or None where the role is let not in."""
    credentials = next(url for (whose, _), url in urls.items() if whose == role)
    for (_, database), url in urls.items():
        tables = _readable(_with_role(url, credentials))
        yield None if tables is None else [_whose(table, database, known) for table in tables]


def _whose(table: str, database: str, known: frozenset[str]) -> str:
    """The capability that it belongs to: its database's, or the one that it is named after; empty
    for what is no capability's."""
    if database in known:
        return "" if table in _SHARED else database
    app = table.partition("_")[0]
    return app if app in known else ""


def _with_role(url: str, credentials: str) -> str:
    """The address of the one with role and password of the other."""
    place, whose = urlsplit(url), urlsplit(credentials)
    user, _, _ = whose.netloc.rpartition("@")
    _, _, host = place.netloc.rpartition("@")
    return place._replace(netloc=f"{user}@{host}").geturl()


def _readable(url: str) -> list[str] | None:
    """None where the database lets the role not in."""
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_S) as connection:
            return [str(name) for (name,) in connection.execute(_READABLE)]
    except psycopg.OperationalError:
        return None
