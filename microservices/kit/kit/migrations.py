"""The body of every service's migrations/env.py."""

from alembic import context
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from kit.settings import DatabaseSettings


def run_migrations(metadata: MetaData) -> None:
    """Applies the migrations, all of them in one transaction."""
    engine = create_engine(DatabaseSettings.load().sqlalchemy_url(), poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
