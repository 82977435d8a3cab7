"""`python -m modulith.migrate`: brings the services' databases to their newest migrations."""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from kit.settings import DatabaseSettings

from modulith.settings import database_of, named_services


def migrate(service: str, settings: DatabaseSettings) -> None:
    """By the service's own migrations, which lie beside its package."""
    package = Path(str(import_module(service).__file__)).parent
    config = Config(package.parent / "alembic.ini", attributes={"settings": settings})
    command.upgrade(config, "head")


if __name__ == "__main__":
    for name in sorted(named_services()):
        migrate(name, DatabaseSettings.load(**database_of(name)))
