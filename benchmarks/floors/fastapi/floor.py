# ruff: noqa: INP001 - a program, not a package
"""The floor of FastAPI: bare views, hand-written SQL. Run as `granian floor:app`."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import orjson
from fastapi import FastAPI, Response
from psycopg import AsyncConnection

LIMIT = 20
LIST = """
    SELECT id, name, category, price_amount, sold, created_at FROM products
    WHERE category = %s ORDER BY sold DESC, id DESC LIMIT 21
"""
PAGE = """
    SELECT id, name, description, category, price_amount, tags, sold, created_at, updated_at
    FROM products WHERE id = %s
"""
_idle: asyncio.LifoQueue[AsyncConnection[tuple[Any, ...]]] = asyncio.LifoQueue()


@asynccontextmanager
async def connections(_: FastAPI) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _number in range(int(os.environ["DATABASE_POOL_SIZE"])):
            opening = AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
            _idle.put_nowait(await stack.enter_async_context(await opening))
        yield


app = FastAPI(lifespan=connections, openapi_url=None)


@app.get("/api/v1/products")
async def product_list(category: str) -> Response:
    rows = await fetch(LIST, category)
    items = [
        {
            "id": row[0],
            "name": row[1],
            "category": row[2],
            "price": {"amount": row[3], "currency": "EUR"},
            "sold": row[4],
            "created_at": rfc3339(row[5]),
        }
        for row in rows[:LIMIT]
    ]
    return json_response({"items": items, "next_cursor": next_cursor(rows)})


@app.get("/api/v1/products/{product_id}")
async def product_page(product_id: int) -> Response:
    (row,) = await fetch(PAGE, product_id)
    return json_response(
        {
            "id": row[0],
            "name": row[1],
            "description": row[2],
            "category": row[3],
            "price": {"amount": row[4], "currency": "EUR"},
            "tags": row[5],
            "sold": row[6],
            "available": 0,
            "created_at": rfc3339(row[7]),
            "updated_at": rfc3339(row[8]),
        }
    )


async def fetch(query: str, argument: object) -> Sequence[tuple[Any, ...]]:
    connection = await _idle.get()
    try:
        cursor = await connection.execute(query, [argument])
        return await cursor.fetchall()
    finally:
        _idle.put_nowait(connection)


def json_response(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def next_cursor(rows: Sequence[tuple[Any, ...]]) -> str | None:
    if len(rows) <= LIMIT:
        return None
    last = rows[LIMIT - 1]
    position = orjson.dumps(["bestselling", last[4], last[0]])
    return base64.urlsafe_b64encode(position).rstrip(b"=").decode()


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"
