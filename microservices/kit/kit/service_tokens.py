"""Short-lived tokens by which services know one another on /internal."""

import time
from collections.abc import Container

import jwt

from kit.errors import Problem, Unauthenticated

_ALGORITHM = "HS256"
_LIFETIME = 300
_RENEW_BEFORE = 60
_CACHE_SIZE = 256


class ServiceTokenRejected(Unauthenticated):
    detail = "A valid service token is required."


class CallerForbidden(Problem):
    type = "forbidden"
    status = 403
    title = "Forbidden"
    detail = "This service may not call this operation."


class ServiceTokenIssuer:
    """Makes the tokens one caller shows one callee; a token is reused until it is old."""

    def __init__(self, secret: str, *, caller: str, callee: str) -> None:
        self._secret, self._caller, self._callee = secret, caller, callee
        self._header = ""
        self._renew_at = 0.0

    def authorization(self) -> str:
        """The value of the Authorization header."""
        now = time.time()
        if now >= self._renew_at:
            claims = {
                "iss": self._caller,
                "aud": self._callee,
                "iat": int(now),
                "exp": int(now) + _LIFETIME,
            }
            self._header = f"Bearer {jwt.encode(claims, self._secret, _ALGORITHM)}"
            self._renew_at = now + _LIFETIME - _RENEW_BEFORE
        return self._header


class ServiceTokenVerifier:
    """Knows the callers of one callee; a verified token is not verified again."""

    def __init__(self, secret: str, *, callee: str) -> None:
        self._secret, self._callee = secret, callee
        self._known: dict[str, tuple[str, float]] = {}

    def caller(self, authorization: str | None, allowed: Container[str]) -> str:
        """The calling service's name; raises 401 for a bad token, 403 for one not allowed."""
        if authorization is None:
            raise ServiceTokenRejected
        known = self._known.get(authorization)
        if known is None or known[1] <= time.time():
            known = self._verify(authorization)
        if known[0] not in allowed:
            raise CallerForbidden
        return known[0]

    def _verify(self, authorization: str) -> tuple[str, float]:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise ServiceTokenRejected
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=self._callee,
                options={"require": ["iss", "aud", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            raise ServiceTokenRejected from error
        if len(self._known) >= _CACHE_SIZE:
            self._known.clear()
        known = (str(claims["iss"]), float(claims["exp"]))
        self._known[authorization] = known
        return known
