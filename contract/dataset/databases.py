"""Database addresses from the environment, passwords from files."""

import os
from pathlib import Path
from typing import Any

import psycopg


class MissingSettingError(Exception):
    """A variable that names a database is not set."""


def connect(database: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connects to <DATABASE>_DATABASE_URL with the password in <DATABASE>_DATABASE_PASSWORD_FILE.

    Raises MissingSettingError, OSError (the file) or psycopg.OperationalError.
    """
    prefix = f"{database.upper()}_DATABASE"
    try:
        url = os.environ[f"{prefix}_URL"]
    except KeyError as missing:
        raise MissingSettingError(f"{missing.args[0]} is not set") from None
    password_file = os.environ.get(f"{prefix}_PASSWORD_FILE")
    password = Path(password_file).read_text().strip() if password_file else None
    return psycopg.connect(url, password=password, connect_timeout=10)
