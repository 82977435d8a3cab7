"""Fills an arm's databases by COPY, once, and proves what is in them.

Each database is filled in one transaction, whose last act is to write what was loaded (size, seed,
rows and checksum of every table) into a comment on the first table: a killed load leaves nothing,
a second load finds its work done, and the comment travels with a copy of the database.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import psycopg
from psycopg import sql

from dataset.generate import TABLES, Dataset, Row
from dataset.targets import COLUMNS, Target

Connection = psycopg.Connection[tuple[Any, ...]]


class OtherDatasetError(Exception):
    """The database already holds another dataset."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a loaded table holds: its row count and the order-independent sum of its row digests."""

    rows: int
    checksum: str


def load(connection: Connection, data: Dataset, targets: Sequence[Target]) -> dict[str, Content]:
    """Loads `targets`, all of one database, unless they are there already.

    Raises OtherDatasetError if they hold another size or seed.
    """
    with connection.transaction():
        connection.execute("SET LOCAL timezone TO 'UTC'")
        stamp = _stamp(connection, targets[0])
        asked = {"size": data.size, "seed": data.seed}
        if stamp is not None:
            held = {"size": stamp["size"], "seed": stamp["seed"]}
            if held != asked:
                raise OtherDatasetError(f"holds dataset {held}, and {asked} was asked for")
            return {name: Content(**content) for name, content in stamp["tables"].items()}
        for target in targets:
            _copy(connection, data, target)
        contents = {target.source: _content(connection, target) for target in targets}
        tables = {
            name: {"rows": content.rows, "checksum": content.checksum}
            for name, content in contents.items()
        }
        _write_stamp(connection, targets[0], json.dumps({**asked, "tables": tables}))
    _analyze(connection, targets)
    return contents


def by_database(targets: Sequence[Target]) -> Iterator[tuple[str, list[Target]]]:
    ordered = sorted(targets, key=lambda target: target.database)
    for database, group in groupby(ordered, key=lambda target: target.database):
        yield database, list(group)


def _stamp(connection: Connection, target: Target) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT obj_description(%s::regclass, 'pg_class')", (target.table,)
    ).fetchone()
    comment = row[0] if row else None
    return cast("dict[str, Any]", json.loads(comment)) if comment else None


def _write_stamp(connection: Connection, target: Target, stamp: str) -> None:
    connection.execute(
        sql.SQL("COMMENT ON TABLE {} IS {}").format(
            sql.Identifier(target.table), sql.Literal(stamp)
        )
    )


def _copy(connection: Connection, data: Dataset, target: Target) -> None:
    names = [*target.columns, *target.constants]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(target.table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in _rows(data, target):
                copy.write_row(row)
        if target.identity:
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence(%s, %s), max({})) FROM {}").format(
                    sql.Identifier(target.identity), sql.Identifier(target.table)
                ),
                (target.table, target.identity),
            )


def _rows(data: Dataset, target: Target) -> Iterator[Row]:
    source = COLUMNS[target.source]
    picks = [
        (source.index(generated), target.prefixes.get(name, ""))
        for name, generated in target.columns.items()
    ]
    constants = tuple(target.constants.values())
    for row in TABLES[target.source](data):
        values = (f"{prefix}{row[at]}" if prefix else row[at] for at, prefix in picks)
        yield (*values, *constants)


def _content(connection: Connection, target: Target) -> Content:
    """Counts and digests the generated columns as they now stand in the arm's table."""
    filled_from: dict[str, str] = {}
    for name, generated in target.columns.items():
        filled_from.setdefault(generated, name)
    columns = [
        sql.SQL("substr({}::text, {})").format(
            sql.Identifier(filled_from[generated]),
            sql.Literal(len(target.prefixes.get(filled_from[generated], "")) + 1),
        )
        for generated in COLUMNS[target.source]
        if generated in filled_from
    ]
    digest = sql.SQL("('x' || left(md5(concat_ws(chr(31), {})), 15))::bit(60)::bigint").format(
        sql.SQL(", ").join(columns)
    )
    query = sql.SQL("SELECT count(*), coalesce(sum({}), 0)::text FROM {}").format(
        digest, sql.Identifier(target.table)
    )
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always has one row
    return Content(rows=row[0], checksum=row[1])


def _analyze(connection: Connection, targets: Sequence[Target]) -> None:
    connection.commit()
    connection.autocommit = True
    for target in targets:
        connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(target.table)))
