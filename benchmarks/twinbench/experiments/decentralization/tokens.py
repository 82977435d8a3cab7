"""Tokens by which a service shows another who it is, as the kit makes them."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode

import orjson

_LIFETIME_S = 300


def authorization(secret: str, caller: str, callee: str) -> str:
    """The value of the Authorization header: a JSON web token, HS256 (RFC 7519)."""
    now = int(time.time())
    claims = {"iss": caller, "aud": callee, "iat": now, "exp": now + _LIFETIME_S}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"Bearer {signed}.{_encoded(digest)}"


def _part(content: dict[str, object]) -> str:
    return _encoded(orjson.dumps(content))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
