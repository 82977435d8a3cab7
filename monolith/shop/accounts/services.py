from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction

from shop.accounts.errors import EmailTaken, InvalidCredentials
from shop.accounts.models import Account
from shop.accounts.selectors import account_exists
from shop.platform import tokens
from shop.platform.outbox import publish


def account_create(*, email: str, password: str, name: str) -> Account:
    # Hashing takes longer than anything else here: not for an email that is known to be taken.
    if account_exists(email=email):
        raise EmailTaken
    account = Account(email=email, name=name, password=make_password(password))
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            publish(
                "account.created", {"account_id": str(account.id), "email": email, "name": name}
            )
    except IntegrityError as error:
        raise EmailTaken from error
    return account


def session_create(*, email: str, password: str) -> str:
    """A new access token. An unknown email takes as long as a wrong password."""
    account = Account.objects.filter(email=email).only("id", "role", "password").first()
    if account is None:
        make_password(password)
        raise InvalidCredentials
    if not check_password(password, account.password):
        raise InvalidCredentials
    return tokens.issue(account_id=account.id, role=account.role)
