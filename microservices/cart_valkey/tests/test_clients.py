"""The HTTP side of the port, against a server that answers as the catalog does."""

from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit_testing.tokens import SERVICE_SECRET

from cart.clients import HttpCatalog, Product


class Stub:
    """Answers every call with what it was told."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = {}
        self.requests: list[tuple[str, object]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, orjson.loads(await request.read())))
        return web.Response(status=self.status, body=orjson.dumps(self.body))


@pytest.fixture
async def stub() -> Stub:
    return Stub()


@pytest.fixture
async def catalog(stub: Stub) -> AsyncIterator[HttpCatalog]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    pool = HttpPool()
    await pool.start()
    async with TestServer(app) as server:
        client = ServiceClient(
            pool,
            base_url=str(server.make_url("")),
            caller="cart",
            callee="catalog",
            secret=SERVICE_SECRET,
        )
        yield HttpCatalog(client)
    await pool.close()


async def test_products_in_one_call(catalog: HttpCatalog, stub: Stub) -> None:
    stub.body = {"items": [{"id": 7, "name": "Lamp", "price": {"amount": 5, "currency": "EUR"}}]}
    assert await catalog.products([7, 8]) == {7: Product("Lamp", 5)}
    assert stub.requests == [("/internal/products/batch", {"product_ids": [7, 8]})]


@pytest.mark.parametrize("status", [401, 404, 422, 500, 503])
async def test_any_other_answer_is_no_answer(catalog: HttpCatalog, stub: Stub, status: int) -> None:
    stub.status = status
    with pytest.raises(DependencyUnavailable):
        await catalog.products([7])
