"""Bodies that come in and go out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from kit.db import AnyRow
from kit.schemas import NoNul, Strict, UtcDatetime
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from accounts.domain import ACCESS_TOKEN_SECONDS, is_email, normalised_email


def _normalised(value: object) -> object:
    return normalised_email(value) if isinstance(value, str) else value


def _well_formed(value: str) -> str:
    if not is_email(value):
        raise PydanticCustomError("email", "is not valid")
    return value


Email = Annotated[
    str,
    Field(min_length=3, max_length=254),
    AfterValidator(_well_formed),
    NoNul,
    BeforeValidator(_normalised),
]


class AccountIn(Strict):
    email: Email
    password: Annotated[str, Field(min_length=8, max_length=128), NoNul]
    name: Annotated[str, Field(min_length=1, max_length=100), NoNul]


class SessionIn(Strict):
    email: Annotated[str, Field(min_length=1, max_length=254), NoNul]
    password: Annotated[str, Field(min_length=1, max_length=128), NoNul]


class Account(BaseModel):
    id: UUID
    email: str
    name: str
    role: Literal["customer", "staff"]
    created_at: UtcDatetime


class Session(BaseModel):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


def account_out(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "created_at": row.created_at,
    }


def session_out(access_token: str) -> dict[str, Any]:
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
