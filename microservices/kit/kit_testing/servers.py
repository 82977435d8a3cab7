"""Databases of the tests' own on the servers named by the environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import make_url


def required(variable: str) -> str:
    """The value of a variable the tests cannot do without."""
    value = os.environ.get(variable)
    if not value:
        pytest.exit(f"{variable} is not set: run the tests with a PostgreSQL and a Valkey", 2)
    return value


@contextmanager
def fresh_database(prefix: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped at the end."""
    server = required("TEST_DATABASE_URL")
    name = f"{prefix}_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin"
                " BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' ENCODING 'UTF8'"
            ).format(sql.Identifier(name))
        )
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


def migrate(url: str, project: Path) -> None:
    """Brings a database to the newest migration of the project."""
    with patch.dict(os.environ, {"DATABASE_URL": url}):
        command.upgrade(Config(project / "alembic.ini"), "head")
