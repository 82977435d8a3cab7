"""Use cases; each owns its transaction."""

from kit.db import AnyRow, Database
from kit.outbox import publish
from sqlalchemy.dialects.postgresql import insert

from accounts.domain import normalised_email
from accounts.errors import EmailTaken, InvalidCredentials
from accounts.models import Account
from accounts.passwords import Passwords
from accounts.selectors import account_credentials
from accounts.tokens import TokenIssuer


async def account_create(
    *, database: Database, passwords: Passwords, email: str, password: str, name: str
) -> AnyRow:
    """A new customer; `email` is normalised already."""
    # Hashed before a connection is taken: none is held while a core is busy.
    password_hash = await passwords.hashed(password)
    async with database.transaction() as session:
        values = {"email": email, "name": name, "password_hash": password_hash}
        new = insert(Account).values(values).on_conflict_do_nothing(index_elements=["email"])
        shown = (Account.id, Account.email, Account.name, Account.role, Account.created_at)
        account = (await session.execute(new.returning(*shown))).first()
        if account is None:
            raise EmailTaken
        data = {"account_id": str(account.id), "email": email, "name": name}
        await publish(session, "account.created", data)
    return account


async def session_create(
    *, database: Database, passwords: Passwords, issuer: TokenIssuer, email: str, password: str
) -> str:
    """An access token; an unknown email fails as slowly as a wrong password."""
    account = await account_credentials(database, normalised_email(email))
    known_hash = None if account is None else account.password_hash
    if not await passwords.matches(known_hash, password) or account is None:
        raise InvalidCredentials
    return issuer.access_token(account.id, account.role)
