"""Alembic's entry: `alembic upgrade head` with DATABASE_URL set."""

from kit.migrations import run_migrations

from accounts.models import Base

run_migrations(Base.metadata)
