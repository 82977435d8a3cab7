"""Reads."""

from uuid import UUID

from kit.db import AnyRow, Database
from sqlalchemy import bindparam, select

from accounts.models import Account

_SHOWN = select(Account.id, Account.email, Account.name, Account.role, Account.created_at).where(
    Account.id == bindparam("account_id")
)
_CREDENTIALS = select(Account.id, Account.role, Account.password_hash).where(
    Account.email == bindparam("email")
)


async def account_get(database: Database, account_id: UUID) -> AnyRow | None:
    """The account's columns that are shown."""
    return await database.row(_SHOWN, account_id=account_id)


async def account_credentials(database: Database, email: str) -> AnyRow | None:
    """(id, role, password_hash) of the account with this normalised email."""
    return await database.row(_CREDENTIALS, email=email)
