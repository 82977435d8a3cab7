"""Creating accounts."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from argon2 import extract_parameters
from fastapi import FastAPI
from httpx import AsyncClient
from kit.bus import Event
from kit_testing.apps import eventually
from sqlalchemy import text

from accounts.settings import Settings
from tests.conftest import PASSWORD, cases

URL = "/api/v1/accounts"


async def test_a_new_account(client: AsyncClient) -> None:
    body = {"email": f" {uuid4()}@Example.COM\n", "password": PASSWORD, "name": " Ada "}
    response = await client.post(URL, json=body)
    assert (response.status_code, response.headers["location"]) == (201, f"{URL}/me")
    account = response.json()
    assert list(account) == ["id", "email", "name", "role", "created_at"]
    assert UUID(account["id"]).version == 4
    assert account["email"] == body["email"].strip().lower()
    assert (account["name"], account["role"]) == (" Ada ", "customer")
    assert len(account["created_at"]) == len("2026-11-23T09:30:00.123456Z")


async def test_an_email_is_taken_once_however_it_is_written(
    client: AsyncClient, account: dict[str, Any]
) -> None:
    body = {"email": account["email"].upper(), "password": PASSWORD, "name": "Eve"}
    response = await client.post(URL, json=body)
    assert (response.status_code, response.json()["type"]) == (409, "email-taken")


async def test_of_many_at_once_one_gets_the_email(client: AsyncClient) -> None:
    body = {"email": f"{uuid4()}@example.com", "password": PASSWORD, "name": "Ada"}
    answers = await asyncio.gather(*(client.post(URL, json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]


async def test_passwords_are_kept_as_the_contract_says(
    app: FastAPI, account: dict[str, Any]
) -> None:
    query = text("SELECT password_hash FROM accounts WHERE id = :id")
    async with app.state.database.read() as session:
        kept = (await session.execute(query, {"id": account["id"]})).scalar_one()
    found = extract_parameters(kept)
    assert (found.time_cost, found.memory_cost, found.parallelism) == (2, 19456, 1)
    assert (found.hash_len, found.salt_len, found.type.name) == (32, 16, "ID")


async def test_the_others_hear_of_it(
    app: FastAPI, settings: Settings, account: dict[str, Any]
) -> None:
    stream = f"{settings.event_namespace}.accounts"

    async def heard() -> list[Event]:
        entries = await app.state.bus.redis.xrange(stream)
        events = [Event.of(fields) for _, fields in entries]
        return [event for event in events if event.data["account_id"] == account["id"]]

    [event] = await eventually(heard)
    assert event.type == "account.created"
    assert event.data == {
        "account_id": account["id"],
        "email": account["email"],
        "name": account["name"],
    }


@pytest.mark.parametrize("case", cases("email")["invalid"], ids=lambda case: case["name"])
async def test_bad_emails(client: AsyncClient, case: dict[str, Any]) -> None:
    body = {"email": case["input"], "password": PASSWORD, "name": "Ada"}
    response = await client.post(URL, json=body)
    assert response.status_code == 422
    assert response.json()["errors"] == [{"field": "email", "message": case["message"]}]


PATHS = {"createAccount": URL, "createSession": "/api/v1/sessions"}


@pytest.mark.parametrize(
    "case",
    [case for case in cases("validation")["bodies"] if case["operation"] in PATHS],
    ids=lambda case: f"{case['operation']}: {case['name']}",
)
async def test_bodies(client: AsyncClient, case: dict[str, Any]) -> None:
    response = await client.post(
        PATHS[case["operation"]],
        content=json.dumps(case["body"]),
        headers={"Content-Type": "application/json"},
    )
    if case["errors"]:
        assert (response.status_code, response.json()["errors"]) == (422, case["errors"])
    else:
        # Some golden bodies share an email, and none of them has an account to log in to.
        assert response.status_code in {201, 401, 409}, response.text
