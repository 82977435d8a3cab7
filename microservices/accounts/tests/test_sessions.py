"""Logging in, and what the token is good for."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import jwt
from fastapi import FastAPI
from httpx import AsyncClient
from jwt import PyJWK

from accounts.passwords import Passwords
from tests.conftest import PASSWORD

URL = "/api/v1/sessions"


async def logged_in(client: AsyncClient, email: str, password: str = PASSWORD) -> Any:
    return await client.post(URL, json={"email": email, "password": password})


async def test_a_session(client: AsyncClient, account: dict[str, Any]) -> None:
    response = await logged_in(client, f"  {account['email'].upper()} ")
    assert response.status_code == 201
    session = response.json()
    assert (session["token_type"], session["expires_in"]) == ("Bearer", 3600)
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    response = await client.get("/api/v1/accounts/me", headers=headers)
    assert (response.status_code, response.json()) == (200, account)


async def test_anyone_can_verify_the_token(client: AsyncClient, account: dict[str, Any]) -> None:
    token = (await logged_in(client, account["email"])).json()["access_token"]
    [key] = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    claims = jwt.decode(token, PyJWK(key), ["EdDSA"], audience="shop", issuer="accounts")
    assert (claims["sub"], claims["role"]) == (account["id"], "customer")
    assert claims["exp"] - claims["iat"] == 3600


async def test_wrong_credentials_read_alike(client: AsyncClient, account: dict[str, Any]) -> None:
    wrong = await logged_in(client, account["email"], "wrong horse")
    unknown = await logged_in(client, f"{uuid4()}@example.com")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["type"] == "invalid-credentials"
    assert wrong.headers["www-authenticate"] == "Bearer"


async def test_wrong_credentials_take_as_long() -> None:
    """CPU time, which other work on the machine hardly changes; the best of a few."""
    passwords = Passwords(1)
    known = await passwords.hashed(PASSWORD)

    async def cpu(password_hash: str | None) -> float:
        started = time.process_time()
        assert not await passwords.matches(password_hash, "wrong horse")
        return time.process_time() - started

    of_known = min([await cpu(known) for _ in range(7)])
    of_unknown = min([await cpu(None) for _ in range(7)])
    assert 0.6 < of_unknown / of_known < 1.7


async def test_nobodys_password_opens_nothing() -> None:
    assert not await Passwords(1).matches(None, "nobody has this password")


async def test_hashing_leaves_the_event_loop_free() -> None:
    passwords, turns = Passwords(1), 0
    hashing = asyncio.create_task(passwords.hashed(PASSWORD))
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


async def test_an_account_that_is_gone(
    client: AsyncClient, app: FastAPI, account: dict[str, Any]
) -> None:
    issuer = app.state.issuer
    headers = {"Authorization": f"Bearer {issuer.access_token(uuid4(), 'customer')}"}
    response = await client.get("/api/v1/accounts/me", headers=headers)
    assert (response.status_code, response.json()["type"]) == (404, "not-found")


async def test_me_needs_a_token(client: AsyncClient) -> None:
    assert (await client.get("/api/v1/accounts/me")).status_code == 401
