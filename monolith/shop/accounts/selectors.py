from uuid import UUID

from shop.accounts.models import Account


def account_get(*, account_id: UUID) -> Account | None:
    return Account.objects.filter(id=account_id).defer("password").first()


def account_exists(*, email: str) -> bool:
    return Account.objects.filter(email=email).exists()
