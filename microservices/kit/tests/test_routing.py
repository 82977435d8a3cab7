"""The order of checks, and the shape of every refusal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import pytest
from fastapi import APIRouter, Depends
from httpx import AsyncClient, Response

from kit.app import create_app
from kit.db import DatabaseDep
from kit.routing import api_router
from kit_testing.tokens import TokenMaker, service_headers
from tests.conftest import CUSTOMER
from tests.sample import Settings

GOOD = {"name": "abc", "price": {"amount": 5, "currency": "EUR"}}


def assert_problem(response: Response, kind: str, status: int) -> dict[str, Any]:
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), response.text
    body: dict[str, Any] = response.json()
    assert list(body)[:4] == ["type", "title", "status", "detail"]
    assert (body["type"], body["status"]) == (kind, status)
    return body


def errors_of(response: Response) -> dict[str, str]:
    errors = assert_problem(response, "validation-failed", 422)["errors"]
    assert [item["field"] for item in errors] == sorted(item["field"] for item in errors)
    return {item["field"]: item["message"] for item in errors}


async def test_checks_come_in_the_contracts_order(
    client: AsyncClient, token_maker: TokenMaker
) -> None:
    url, bad = "/api/v1/things", b"{"
    staff = token_maker.headers(CUSTOMER, "staff")
    json_type = {"Content-Type": "application/json; charset=utf-8"}

    assert_problem(await client.post("/api/v1/thing", content=bad), "not-found", 404)
    assert_problem(await client.patch(url, content=bad), "method-not-allowed", 405)
    response = await client.post(url, content=bad)
    assert_problem(response, "unauthenticated", 401)
    assert response.headers["www-authenticate"] == "Bearer"
    customer = token_maker.headers(CUSTOMER)
    assert_problem(await client.post(url, headers=customer, content=bad), "forbidden", 403)
    assert_problem(
        await client.post(url, headers=staff, content=bad), "unsupported-media-type", 415
    )
    headers = {**staff, **json_type}
    assert_problem(await client.post(url, headers=headers, content=bad), "malformed-json", 400)
    assert_problem(await client.post(url, headers=headers), "malformed-json", 400)
    assert errors_of(await client.post(f"{url}?limit=0", headers=staff, json=[])) == {
        "body": "must be an object",
        "limit": "must be at least 1",
    }
    response = await client.post(url, headers=headers, json=GOOD)
    assert response.status_code == 201, response.text


async def test_the_idempotency_key_is_asked_for_before_the_body(
    client: AsyncClient, token_maker: TokenMaker
) -> None:
    url, headers = "/api/v1/keyed", token_maker.headers(CUSTOMER)
    body = GOOD["price"]
    assert_problem(await client.post(url, content=b"{"), "unauthenticated", 401)
    for key in ({}, {"Idempotency-Key": ""}):
        response = await client.post(url, headers={**headers, **key}, content=b"{")
        assert_problem(response, "idempotency-key-missing", 400)
    long = {**headers, "Idempotency-Key": "k" * 201}
    assert errors_of(await client.post(url, headers=long, json=body)) == {
        "Idempotency-Key": "must have at most 200 characters"
    }
    response = await client.post(url, headers={**headers, "Idempotency-Key": "k" * 200}, json=body)
    assert response.json()["key"] == "k" * 200


@pytest.mark.parametrize("body", [b"\xff", b'"\\ud800"', b"NaN", b"[1,]", b"{} {}", b""])
async def test_what_is_not_json_is_malformed(
    client: AsyncClient, token_maker: TokenMaker, body: bytes
) -> None:
    headers = {**token_maker.headers(CUSTOMER), "Content-Type": "application/json"}
    response = await client.put("/api/v1/things/1", headers=headers, content=body)
    assert_problem(response, "malformed-json", 400)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (None, {"body": "must be an object"}),
        ({}, {"name": "is required", "price": "is required"}),
        ({**GOOD, "x": 1}, {"x": "is not allowed"}),
        ({**GOOD, "name": 5}, {"name": "must be a string"}),
        ({**GOOD, "name": None}, {"name": "must be a string"}),
        ({**GOOD, "name": "a"}, {"name": "must have at least 2 characters"}),
        ({**GOOD, "name": "a" * 6}, {"name": "must have at most 5 characters"}),
        ({**GOOD, "name": "\0"}, {"name": "is not valid"}),
        ({**GOOD, "price": 5}, {"price": "must be an object"}),
        ({**GOOD, "tags": "a"}, {"tags": "must be a list"}),
        ({**GOOD, "tags": ["a", 1]}, {"tags.1": "must be a string"}),
        ({**GOOD, "tags": ["a"] * 3}, {"tags": "must have at most 2 items"}),
        (
            {"name": "abc", "price": {"amount": True, "currency": "USD"}},
            {"price.amount": "must be an integer", "price.currency": "must be one of: EUR"},
        ),
        (
            {"name": "abc", "price": {"amount": 5.0, "currency": 5}},
            {"price.amount": "must be an integer", "price.currency": "must be a string"},
        ),
        (
            {"name": "abc", "price": {"amount": -1, "currency": "EUR"}},
            {"price.amount": "must be at least 0"},
        ),
        (
            {"name": "abc", "price": {"amount": 10**19, "currency": "EUR"}},
            {"price.amount": "must be at most 1000000000"},
        ),
    ],
)
async def test_fields_are_taken_literally(
    client: AsyncClient, token_maker: TokenMaker, body: object, errors: dict[str, str]
) -> None:
    headers = token_maker.headers(CUSTOMER)
    response = await client.put(
        "/api/v1/things/1",
        headers={**headers, "Content-Type": "application/json"},
        content=json.dumps(body),
    )
    assert errors_of(response) == errors


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("limit=0", {"limit": "must be at least 1"}),
        ("limit=101", {"limit": "must be at most 100"}),
        ("limit=5&limit=x", {"limit": "must be an integer"}),
        ("limit=", {"limit": "must be an integer"}),
        ("limit=%2B1", {"limit": "must be an integer"}),
        ("limit=1111111111111111111", {"limit": "must be an integer"}),
        ("limit=%D9%A3", {"limit": "must be an integer"}),
        ("search=", {"search": "must have at least 1 characters"}),
        ("search=a%00bcdef", {"search": "is not valid"}),
        ("cursor=x&limit=x", {"cursor": "is not valid", "limit": "must be an integer"}),
        ("cursor=", {"cursor": "is not valid"}),
    ],
)
async def test_query_parameters_are_judged_together(
    client: AsyncClient, query: str, errors: dict[str, str]
) -> None:
    assert errors_of(await client.get(f"/api/v1/things?{query}")) == errors


async def test_queries_that_are_fine(client: AsyncClient) -> None:
    response = await client.get("/api/v1/things?limit=x&limit=007&colour=red")
    assert response.json() == {"limit": 7, "cursor": None, "search": None}


@pytest.mark.parametrize("thing_id", ["0", "-1", "1.0", "x", "9" * 19, "%D9%A3", "404"])
async def test_an_id_that_names_nothing_is_not_found(client: AsyncClient, thing_id: str) -> None:
    assert_problem(await client.get(f"/api/v1/things/{thing_id}"), "not-found", 404)


async def test_existence_is_judged_last(client: AsyncClient, token_maker: TokenMaker) -> None:
    headers = token_maker.headers(CUSTOMER)
    response = await client.put("/api/v1/things/x", headers=headers, json={})
    assert set(errors_of(response)) == {"name", "price"}
    response = await client.put("/api/v1/things/x", headers=headers, json=GOOD)
    assert_problem(response, "not-found", 404)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE"])
async def test_undeclared_methods_name_the_declared_ones(client: AsyncClient, method: str) -> None:
    response = await client.request(method, "/api/v1/things")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_slashes_are_not_repaired(client: AsyncClient) -> None:
    assert_problem(await client.get("/api/v1/things/"), "not-found", 404)


async def test_bugs_and_outages(client: AsyncClient) -> None:
    assert_problem(await client.get("/api/v1/broken"), "internal-error", 500)
    response = await client.get("/api/v1/unreachable")
    assert_problem(response, "dependency-unavailable", 503)
    assert response.headers["retry-after"] == "1"


async def test_service_operations(client: AsyncClient) -> None:
    url = f"/internal/ask/{uuid4()}"
    friend = service_headers("friend", "sample")
    assert_problem(await client.post(url, json={}), "unauthenticated", 401)
    for caller, callee, kind, status in (
        ("friend", "other", "unauthenticated", 401),
        ("stranger", "sample", "forbidden", 403),
    ):
        response = await client.post(url, json={}, headers=service_headers(caller, callee))
        assert_problem(response, kind, status)
    late = {**friend, "X-Deadline": "1000"}
    response = await client.post(url, json={"ids": []}, headers=late)
    assert_problem(response, "dependency-unavailable", 503)
    response = await client.post(url, headers=friend, content=b"{}")
    assert_problem(response, "unsupported-media-type", 415)
    assert errors_of(await client.post(url, headers=friend, json={"ids": 1})) == {
        "ids": "must be a list"
    }
    response = await client.post("/internal/ask/x", headers=friend, json={"ids": []})
    assert_problem(response, "not-found", 404)
    response = await client.post(url, headers=friend, json={"ids": [1, 2]})
    assert response.json() == {"id": url.rpartition("/")[2], "sum": 3, "one": 1}
    response = await client.get(url, headers=friend)
    assert response.json() == {"id": url.rpartition("/")[2]}


async def test_health(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    version = (await client.get("/version")).json()
    assert version == {"component": "sample", "version": "1.0.0", "revision": "unknown"}


async def test_the_document_tells_what_the_signature_implies(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    create = paths["/api/v1/things"]["post"]
    assert set(create["responses"]) == {"201", "400", "401", "403", "415", "422"}
    assert create["security"] == [{"access_token": []}]
    assert set(paths["/api/v1/things/{thing_id}"]["get"]["responses"]) == {"200", "404"}
    key = paths["/api/v1/keyed"]["post"]["responses"]["400"]["description"]
    assert key == "idempotency-key-missing, malformed-json"
    ask = paths["/internal/ask/{thing_id}"]["post"]
    assert ask["security"] == [{"service_token": []}]


async def _nested(database: DatabaseDep) -> object:
    return database


async def _asks_too_much(thing: Annotated[object, Depends(_nested)]) -> Response:
    raise NotImplementedError


def _not_async(limit: int) -> Response:
    raise NotImplementedError


@pytest.mark.parametrize("endpoint", [_asks_too_much, _not_async])
def test_signatures_that_the_short_way_cannot_serve(endpoint: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="signature"):
        api_router("sample").get("/things", response_model=None)(endpoint)


def test_a_route_that_needs_other_layers_is_refused(service_secret_file: Path) -> None:
    router = APIRouter()

    @router.get("/plain")
    async def plain() -> None: ...

    settings = Settings.load(
        database_url="postgresql://nobody@127.0.0.1:9/none",
        redis_url="redis://127.0.0.1:9/0",
        service_token_secret_file=service_secret_file,
    )
    with pytest.raises(TypeError, match="/plain"):
        create_app(settings, routers=[router])
