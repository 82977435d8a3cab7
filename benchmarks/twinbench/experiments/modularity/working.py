"""Who depends on whom as an arm shows it at work: what its answers tell, and what its databases do.

What nobody asked for in the meantime is not seen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, LiteralString

import psycopg

from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.hops import entries_of
from twinbench.experiments.modularity.boundaries import (
    CAPABILITIES,
    MICROSERVICES,
    MONOLITH,
    edge,
)
from twinbench.results.modularity import EdgeRow
from twinbench.topology import Kind, Topology

Rows = Sequence[tuple[Any, ...]]

_LONGEST: Final = 200
_WORD: Final = re.compile(r"\w+")
_FIRST: Final = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+(?:ONLY\s+)?"?(\w+)', re.IGNORECASE)

# Who has run which statement where, since the reset: PostgreSQL counts them, constants left out.
_WATCH: Final[tuple[LiteralString, ...]] = (
    "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    "SELECT pg_stat_statements_reset()",
)
_STATEMENTS: Final = (
    "SELECT r.rolname, d.datname, s.query FROM pg_stat_statements s"
    " JOIN pg_roles r ON r.oid = s.userid JOIN pg_database d ON d.oid = s.dbid"
    " WHERE NOT r.rolsuper"
)
_REFERENCES: Final = (
    "SELECT conrelid::regclass::text, confrelid::regclass::text, conname FROM pg_constraint"
    " WHERE contype = 'f' ORDER BY 1, 2, 3"
)
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_TAKEN: Final = (
    "SELECT DISTINCT o.type, i.handler FROM platform_outboxevent o"
    " JOIN platform_inboxentry i ON i.event_id = o.id ORDER BY 1, 2"
)
_SENT: Final = "SELECT id::text, type FROM outbox"
_RECEIVED: Final = "SELECT event_id::text FROM inbox"


def call_edges(headers: Iterable[str]) -> Iterator[EdgeRow]:
    """Of what traced answers told; each way once. Raises TimingError for what is no such header."""
    seen = {
        (parameters["from"], parameters["desc"])
        for header in headers
        for name, parameters in entries_of(header)
        if name == "call"
    }
    for source, operation in sorted(seen):
        target = operation.split(" ")[0]
        yield edge(MICROSERVICES, source, target, "call", operation)


def watch_statements(url: str) -> None:
    """From now on; `url` is the superuser's. Raises psycopg.Error."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in _WATCH:
            connection.execute(statement)


def statements(url: str) -> Rows:
    """Role, database and text of each that was run since. Raises psycopg.Error."""
    return _read(url, _STATEMENTS)


def query_edges(build: str, found: Rows, tables: Mapping[str, str]) -> Iterator[EdgeRow]:
    """Of statements that cross: in another's database, or over tables of several owners.

    `tables` says whose the tables of the one database are. A statement belongs to the owner of the
    first table that it reads from or writes to.
    """
    crossing: set[tuple[str, str, str]] = set()
    for role, database, text in found:
        if role != database and {role, database} <= set(CAPABILITIES):
            crossing.add((role, database, _brief(text)))
        owners = {word: tables[word] for word in _WORD.findall(text) if word in tables}
        first = _FIRST.search(text)
        source = tables.get(first[1]) if first else None
        for owner in sorted(set(owners.values()) - {source}):
            if source is not None:
                crossing.add((source, owner, _brief(text)))
    for source, target, text in sorted(crossing):
        yield edge(build, source, target, "query", text)


def reference_edges(found: Rows, tables: Mapping[str, str]) -> Iterator[EdgeRow]:
    """Of the monolith's foreign keys; those of a service lie inside its own database."""
    for table, other, name in found:
        source, target = tables.get(table), tables.get(other)
        if source and target and source != target:
            yield edge(MONOLITH, source, target, "foreign key", f"{table}: {name}")


def handled_edges(found: Rows, names: Mapping[str, str], told: Mapping[str, str]) -> list[EdgeRow]:
    """Of event types and the monolith's handlers that have taken one; whose is who reacts."""
    pairs = {(names[handler], told[kind], kind) for kind, handler in found}
    return [edge(MONOLITH, *one[:2], "event", one[2]) for one in sorted(pairs) if one[0] != one[1]]


def delivered_edges(
    sent: Mapping[str, Mapping[str, str]], received: Mapping[str, Iterable[str]]
) -> list[EdgeRow]:
    """By service: the events in its outbox (id: type), and the ids in its inbox."""
    senders = {one: (who, kind) for who, own in sent.items() for one, kind in own.items()}
    pairs = {
        (receiver, *senders[one])
        for receiver, ids in received.items()
        for one in ids
        if one in senders
    }
    return [edge(MICROSERVICES, *one[:2], "event", one[2]) for one in sorted(pairs)]


def brought_to_light(
    engine: Engine,
    topology: Topology,
    build: str,
    *,
    tables: Mapping[str, str],
    publishers: Mapping[str, str],
    handlers: Mapping[str, str],
) -> list[EdgeRow]:
    """All that the databases of the build's arm show. Raises EngineError.

    `tables`, `publishers` and `handlers` say whose is what in the monolith.
    """
    try:
        if build == MONOLITH:
            [name] = databases(topology, build)
            own, admin = engine.database_url(name), engine.database_url(name, admin=True)
            return [
                *reference_edges(_read(own, _REFERENCES), tables),
                *query_edges(build, statements(admin), tables),
                *handled_edges(_read(own, _TAKEN), handlers, publishers),
            ]
        urls = {
            one.removesuffix("-db"): engine.database_url(one) for one in databases(topology, build)
        }
        ran = [
            row
            for one in databases(topology, build)
            for row in statements(engine.database_url(one, admin=True))
        ]
        return [*query_edges(build, ran, {}), *_delivered(urls)]
    except psycopg.Error as error:
        raise EngineError(f"cannot read what {build} did: {error}") from error


def watch(engine: Engine, topology: Topology, build: str) -> None:
    """From now on. Raises EngineError."""
    try:
        for name in databases(topology, build):
            watch_statements(engine.database_url(name, admin=True))
    except psycopg.Error as error:
        raise EngineError(f"cannot watch what {build} asks its databases: {error}") from error


def databases(topology: Topology, build: str) -> tuple[str, ...]:
    return tuple(one.name for one in topology.of_arm(build) if one.kind is Kind.DATABASE)


def _delivered(urls: Mapping[str, str]) -> list[EdgeRow]:
    sent: dict[str, dict[str, str]] = {}
    received: dict[str, list[str]] = {}
    for service, url in urls.items():
        known = {name for (name,) in _read(url, _TABLES)}
        if "outbox" in known:
            sent[service] = {str(one): str(kind) for one, kind in _read(url, _SENT)}
        if "inbox" in known:
            received[service] = [str(one) for (one,) in _read(url, _RECEIVED)]
    return delivered_edges(sent, received)


def _read(url: str, sql: LiteralString) -> Rows:
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchall()


def _brief(text: str) -> str:
    """On one line, and no longer than a line."""
    return " ".join(text.split())[:_LONGEST]
