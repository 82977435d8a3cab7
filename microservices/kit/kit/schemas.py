"""Input that is taken literally, and the small shapes every service answers with.

A body model subclasses `Strict`; its strings carry `NoNul`. Query numbers are `QueryInt`
with `Field(ge=..., le=...)`, list sizes are `Limit`, ids in a path are `PathInt` or `PathUuid`.
"""

import re
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

T = TypeVar("T")
Currency = Literal["EUR"]
_QUERY_INTEGER = re.compile(r"-?[0-9]{1,18}")
_PATH_INTEGER = re.compile(r"[0-9]{1,18}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Strict(BaseModel):
    """A request body: exact types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _without_nul(value: object) -> object:
    if isinstance(value, str) and "\0" in value:
        raise PydanticCustomError("nul", "is not valid")
    return value


NoNul = BeforeValidator(_without_nul)
"""Refuses NUL characters, which PostgreSQL cannot store; judged before the length."""


def _query_integer(value: object) -> object:
    if isinstance(value, str):
        if _QUERY_INTEGER.fullmatch(value) is None:
            raise PydanticCustomError("int_parsing", "must be an integer")
        return int(value)
    return value


def _path_integer(value: object) -> object:
    if not isinstance(value, str) or _PATH_INTEGER.fullmatch(value) is None:
        raise PydanticCustomError("malformed_id", "is not an id")
    return int(value)


def _path_uuid(value: object) -> object:
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise PydanticCustomError("malformed_id", "is not an id")
    return UUID(value)


QueryInt = Annotated[int, BeforeValidator(_query_integer)]
Limit = Annotated[QueryInt, Query(ge=1, le=100)]
PathInt = Annotated[int, BeforeValidator(_path_integer), Path(ge=1)]
PathUuid = Annotated[UUID, BeforeValidator(_path_uuid), Path()]
IntegerId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class MoneyIn(Strict):
    amount: Annotated[int, Field(ge=0, le=1_000_000_000)]
    currency: Currency


class Money(BaseModel):
    """Money in an answer, in minor units."""

    amount: int
    currency: Currency = "EUR"


class Page(BaseModel, Generic[T]):
    """A list in an answer."""

    items: list[T]
    next_cursor: str | None


class ProblemOut(BaseModel):
    """RFC 9457; a problem may carry members of its own."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str
    status: int
    detail: str


UtcDatetime = Annotated[datetime, Field(description="RFC 3339 in UTC, six fractional digits")]


def money(amount: int) -> dict[str, object]:
    """Minor units as the JSON shape of `Money`."""
    return {"amount": amount, "currency": "EUR"}
