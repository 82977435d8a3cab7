"""The body of every service's migrations/env.py."""

from alembic import context
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from kit.settings import DatabaseSettings


def run_migrations(metadata: MetaData) -> None:
    """Applies the migrations, all of them in one transaction.

    To the database of the environment, unless whoever runs Alembic from Python names another with
    `config.attributes["settings"]`.
    """
    settings: DatabaseSettings = context.config.attributes.get("settings") or (
        DatabaseSettings.load()
    )
    engine = create_engine(settings.sqlalchemy_url(), poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
