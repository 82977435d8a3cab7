from typing import Any

from rest_framework import serializers

from shop.accounts.domain import (
    EMAIL_PATTERN,
    MAX_EMAIL,
    MAX_NAME,
    MAX_PASSWORD,
    MIN_EMAIL,
    MIN_PASSWORD,
    Role,
    normalised_email,
)
from shop.accounts.models import Account as AccountModel
from shop.platform.fields import Strict, Text
from shop.platform.json import rfc3339
from shop.platform.tokens import LIFETIME_SECONDS


class Email(Text):
    def to_internal_value(self, data: Any) -> str:
        return normalised_email(super().to_internal_value(data))


class AccountWrite(Strict):
    email = Email(min_length=MIN_EMAIL, max_length=MAX_EMAIL, pattern=EMAIL_PATTERN)
    password = Text(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)
    name = Text(max_length=MAX_NAME)


class Credentials(Strict):
    email = Email(max_length=MAX_EMAIL)
    password = Text(max_length=MAX_PASSWORD)


class Account(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    created_at = serializers.DateTimeField()


class Session(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField()


def account(found: AccountModel) -> dict[str, Any]:
    return {
        "id": found.id,
        "email": found.email,
        "name": found.name,
        "role": found.role,
        "created_at": rfc3339(found.created_at),
    }


def session(access_token: str) -> dict[str, Any]:
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
    }
