"""Who is asking: access tokens verified locally with the accounts service's public keys."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Annotated, NamedTuple, Protocol
from uuid import UUID

import aiohttp
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Depends
from jwt.algorithms import OKPAlgorithm
from starlette.requests import Request

from kit.errors import DependencyUnavailable, Forbidden, Unauthenticated
from kit.http import CALL_SECONDS, HttpPool
from kit.json import Json

log = logging.getLogger(__name__)

ALGORITHM = "EdDSA"
ISSUER = "accounts"
AUDIENCE = "shop"
CUSTOMER, STAFF = "customer", "staff"

_REQUIRED = ["exp", "iat", "aud", "iss", "sub", "role"]
_SCOPE_KEY = "kit.principal"


class Principal(NamedTuple):
    """The account an access token speaks for."""

    account_id: UUID
    role: str


class KeySource(Protocol):
    """Where public keys come from."""

    async def key(self, kid: str) -> Ed25519PublicKey | None:
        """The key of this id, None when there is no such key."""


class StaticKeys:
    """Keys that are known beforehand: the issuer's own."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    async def key(self, kid: str) -> Ed25519PublicKey | None:
        return self._keys.get(kid)


class JwksKeys:
    """Keys from a JWKS address, fetched when first needed and then kept.

    They are fetched again for an unknown key id, at most every `pause` seconds however many
    bad tokens arrive, and after `max_age` seconds, so that a withdrawn key dies out. When the
    address does not answer within `seconds`, the keys known so far stay in use.
    """

    def __init__(
        self,
        http: HttpPool,
        url: str,
        *,
        pause: float = 5.0,
        max_age: float = 600.0,
        seconds: float = CALL_SECONDS,
    ) -> None:
        self._http, self._url, self._seconds = http, url, seconds
        self._pause, self._max_age = pause, max_age
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> Ed25519PublicKey | None:
        found = self._keys.get(kid)
        if found is None or time.monotonic() - self._fetched_at > self._max_age:
            async with self._lock:
                if self._may_fetch(kid):
                    await self._fetch()
            found = self._keys.get(kid)
        if not self._keys:
            raise DependencyUnavailable
        return found

    def _may_fetch(self, kid: str) -> bool:
        now = time.monotonic()
        stale = now - self._fetched_at > self._max_age or kid not in self._keys
        # Without any key nobody can be told apart, so only a second is waited then.
        return stale and now - self._tried_at > (self._pause if self._keys else 1.0)

    async def _fetch(self) -> None:
        try:
            async with self._http.session.get(
                self._url, timeout=aiohttp.ClientTimeout(total=self._seconds)
            ) as response:
                response.raise_for_status()
                self._keys = _parse(orjson.loads(await response.read()))
            self._fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, jwt.PyJWTError) as error:
            log.warning("no keys from %s: %r", self._url, error)
        finally:
            # Not when it began: those who waited for this one would each try in turn.
            self._tried_at = time.monotonic()


def _parse(document: Json) -> dict[str, Ed25519PublicKey]:
    keys: dict[str, Ed25519PublicKey] = {}
    for item in document["keys"]:
        key = OKPAlgorithm.from_jwk(item)
        if isinstance(key, Ed25519PublicKey):
            keys[item["kid"]] = key
    return keys


class AccessTokens:
    """Verifies access tokens."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    async def principal(self, authorization: str | None) -> Principal:
        """Who the Authorization header speaks for; raises Unauthenticated for a bad one."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = await self._keys.key(kid) if isinstance(kid, str) else None
            if key is None:
                raise Unauthenticated
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _REQUIRED},
            )
            account_id = UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated from error
        if claims["role"] not in (CUSTOMER, STAFF):
            raise Unauthenticated
        return Principal(account_id, claims["role"])


async def admit(request: Request, *, staff_only: bool) -> None:
    """Lets the request in or raises 401 or 403; `ApiRoute` calls it before the body is read."""
    tokens: AccessTokens = request.app.state.access_tokens
    principal = await tokens.principal(request.headers.get("authorization"))
    if staff_only and principal.role != STAFF:
        raise Forbidden
    request.scope[_SCOPE_KEY] = principal


async def current_customer(request: Request) -> Principal:
    principal: Principal = request.scope[_SCOPE_KEY]
    return principal


async def current_staff(request: Request) -> Principal:
    principal: Principal = request.scope[_SCOPE_KEY]
    return principal


Customer = Annotated[Principal, Depends(current_customer)]
"""Anyone with a valid access token, staff included."""
Staff = Annotated[Principal, Depends(current_staff)]
