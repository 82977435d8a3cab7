"""What is tested alike in every service."""

import os
from pathlib import Path
from unittest.mock import patch

from alembic import command
from alembic.config import Config

from kit.openapi import rendered


def assert_openapi_is_current(service: str, project: Path) -> None:
    """openapi.json says what the code does."""
    kept = (project / "openapi.json").read_bytes()
    hint = f"run: python -m kit.openapi {service}"
    assert kept == rendered(service), f"openapi.json is out of date; {hint}"  # noqa: S101


def assert_migrations_are_complete(url: str, project: Path) -> None:
    """A migrated database has exactly the models' tables; raises with the difference."""
    with patch.dict(os.environ, {"DATABASE_URL": url}):
        command.check(Config(project / "alembic.ini"))
