"""Access tokens, and where the keys to them come from."""

import time
from collections.abc import AsyncIterator

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from kit.auth import AccessTokens, JwksKeys, Principal
from kit.errors import DependencyUnavailable, Unauthenticated
from kit.http import HttpPool
from kit.json import Json
from kit_testing.tokens import TokenMaker
from tests.conftest import CUSTOMER


@pytest.fixture
def tokens(token_maker: TokenMaker) -> AccessTokens:
    return AccessTokens(token_maker.keys)


async def test_a_good_token(tokens: AccessTokens, token_maker: TokenMaker) -> None:
    token = token_maker.access_token(CUSTOMER, "staff")
    assert await tokens.principal(f"Bearer {token}") == Principal(CUSTOMER, "staff")
    assert await tokens.principal(f"bearer {token}") == Principal(CUSTOMER, "staff")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"iss": "someone"},
        {"aud": "elsewhere"},
        {"role": "root"},
        {"role": ["staff"]},
        {"sub": "me"},
    ],
)
async def test_wrong_claims(
    tokens: AccessTokens, token_maker: TokenMaker, claims: dict[str, Json]
) -> None:
    token = token_maker.access_token(CUSTOMER, **claims)
    with pytest.raises(Unauthenticated):
        await tokens.principal(f"Bearer {token}")


@pytest.mark.parametrize("missing", ["exp", "iat", "iss", "aud", "sub", "role"])
async def test_missing_claims(tokens: AccessTokens, missing: str) -> None:
    maker = TokenMaker()
    token = maker.access_token(CUSTOMER)
    claims = jwt.decode(token, options={"verify_signature": False})
    del claims[missing]
    token = jwt.encode(claims, maker.private_key, "EdDSA", headers={"kid": "test"})
    with pytest.raises(Unauthenticated):
        await AccessTokens(maker.keys).principal(f"Bearer {token}")


async def test_other_signatures_and_headers(tokens: AccessTokens, token_maker: TokenMaker) -> None:
    good = token_maker.access_token(CUSTOMER)
    claims = jwt.decode(good, options={"verify_signature": False})
    header, payload, signature = good.split(".")
    for bad in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {good}",
        f"Bearer {good}x",
        f"Bearer {header}.{payload}.",
        f"Bearer {header}.{payload}x.{signature}",
        f"Bearer {TokenMaker().access_token(CUSTOMER)}",
        f"Bearer {token_maker.access_token(CUSTOMER, kid='other')}",
        f"Bearer {jwt.encode(claims, 'x' * 40, 'HS256', headers={'kid': 'test'})}",
        f"Bearer {jwt.encode(claims, '', 'none', headers={'kid': 'test'})}",
    ):
        with pytest.raises(Unauthenticated):
            await tokens.principal(bad)


class Jwks:
    """A key server that can be told what to publish, or to fail."""

    def __init__(self) -> None:
        self.makers: dict[str, Ed25519PrivateKey] = {}
        self.fails = False
        self.asked = 0

    async def serve(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.fails:
            return web.Response(status=500)
        keys = [
            {**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}
            for kid, key in self.makers.items()
        ]
        return web.json_response({"keys": keys})


@pytest.fixture
async def jwks() -> AsyncIterator[tuple[Jwks, str, HttpPool]]:
    served, pool = Jwks(), HttpPool()
    app = web.Application()
    app.router.add_get("/jwks.json", served.serve)
    async with TestServer(app) as server:
        await pool.start()
        yield served, str(server.make_url("/jwks.json")), pool
        await pool.close()


async def test_keys_are_fetched_once_and_again_for_a_new_one(
    jwks: tuple[Jwks, str, HttpPool],
) -> None:
    served, url, pool = jwks
    served.makers["a"] = Ed25519PrivateKey.generate()
    keys = JwksKeys(pool, url, pause=0.0)
    assert await keys.key("a") is not None
    assert await keys.key("a") is not None
    assert served.asked == 1
    served.makers["b"] = Ed25519PrivateKey.generate()
    assert await keys.key("b") is not None
    assert served.asked == 2


async def test_unknown_keys_cannot_make_it_ask_often(jwks: tuple[Jwks, str, HttpPool]) -> None:
    served, url, pool = jwks
    served.makers["a"] = Ed25519PrivateKey.generate()
    keys = JwksKeys(pool, url, pause=60.0)
    for kid in ("a", "x", "y", "z"):
        assert (await keys.key(kid) is None) == (kid != "a")
    assert served.asked == 1


async def test_known_keys_outlive_an_outage(jwks: tuple[Jwks, str, HttpPool]) -> None:
    served, url, pool = jwks
    served.makers["a"] = Ed25519PrivateKey.generate()
    keys = JwksKeys(pool, url, pause=0.0, max_age=0.0)
    await keys.key("a")
    served.fails = True
    assert await keys.key("a") is not None
    assert served.asked == 2


async def test_withdrawn_keys_die_out(jwks: tuple[Jwks, str, HttpPool]) -> None:
    served, url, pool = jwks
    served.makers["a"] = served.makers["b"] = Ed25519PrivateKey.generate()
    keys = JwksKeys(pool, url, pause=0.0, max_age=0.0)
    await keys.key("a")
    del served.makers["a"]
    assert await keys.key("a") is None


async def test_without_any_key_nobody_can_be_told_apart(
    jwks: tuple[Jwks, str, HttpPool],
) -> None:
    served, url, pool = jwks
    served.fails = True
    keys = JwksKeys(pool, url)
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(DependencyUnavailable):
            await keys.key("a")
    assert served.asked == 1
    assert time.monotonic() - started < 1
