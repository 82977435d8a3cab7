"""The operations of the tests' own service."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Query
from pydantic import Field
from sqlalchemy import text
from starlette.responses import Response

from kit.auth import Customer, Staff
from kit.db import DATABASE_ERRORS, DatabaseDep
from kit.errors import NotFound
from kit.json import json_response
from kit.paging import NewestCursor
from kit.routing import IdempotencyKey, api_router, internal_router
from kit.schemas import Limit, MoneyIn, NoNul, PathInt, PathUuid, Strict
from kit.settings import ServiceSettings

public = api_router("sample")
internal = internal_router("friend")


class Settings(ServiceSettings):
    component: ClassVar[str] = "sample"


class Thing(Strict):
    name: Annotated[str, Field(min_length=2, max_length=5), NoNul]
    price: MoneyIn
    tags: Annotated[list[Annotated[str, Field(max_length=3), NoNul]], Field(max_length=2)] = Field(
        default_factory=list
    )


@public.post("/things", status_code=201, response_model=Thing)
async def create_thing(staff: Staff, body: Thing, limit: Limit = 20) -> Response:
    return json_response({"by": staff.account_id, "limit": limit, **body.model_dump()}, 201)


@public.get("/things")
async def list_things(
    limit: Limit = 20,
    cursor: NewestCursor = None,
    search: Annotated[str | None, Query(min_length=1, max_length=3), NoNul] = None,
) -> Response:
    return json_response({"limit": limit, "cursor": cursor, "search": search})


@public.get("/things/{thing_id}")
async def get_thing(thing_id: PathInt) -> Response:
    if thing_id == 404:
        raise NotFound
    return json_response({"id": thing_id})


@public.put("/things/{thing_id}")
async def put_thing(customer: Customer, thing_id: PathInt, body: Thing) -> Response:
    return json_response({"id": thing_id, "by": customer.account_id, "name": body.name})


@public.post("/keyed", status_code=201)
async def keyed(customer: Customer, key: IdempotencyKey, body: MoneyIn) -> Response:
    return json_response({"key": key, "amount": body.amount, "by": customer.account_id}, 201)


@public.get("/broken")
async def broken() -> Response:
    raise RuntimeError("a bug")


@public.get("/unreachable")
async def unreachable() -> Response:
    raise DATABASE_ERRORS[0]("SELECT 1", {}, Exception("connection refused"))


class Ask(Strict):
    ids: list[int]


@internal.post("/ask/{thing_id}")
async def ask(thing_id: PathUuid, body: Ask, database: DatabaseDep) -> Response:
    async with database.read() as session:
        one: int = (await session.execute(text("SELECT 1"))).scalar_one()
    return json_response({"id": thing_id, "sum": sum(body.ids), "one": one})


@internal.get("/ask/{thing_id}")
async def get_ask(thing_id: PathUuid) -> Response:
    return json_response({"id": thing_id if isinstance(thing_id, UUID) else None})


ROUTERS = (public, internal)
