"""Access tokens: signed and verified with one Ed25519 key."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LIFETIME_SECONDS = 3600
ALGORITHM = "EdDSA"
ISSUER = "accounts"
AUDIENCE = "shop"
ROLES = frozenset({"customer", "staff"})


@dataclass(frozen=True, slots=True)
class Principal:
    account_id: UUID
    role: str

    @property
    def is_staff(self) -> bool:
        return self.role == "staff"


@dataclass(frozen=True, slots=True)
class SigningKey:
    private: Ed25519PrivateKey
    public: Ed25519PublicKey
    id: str


def issue(*, account_id: UUID, role: str) -> str:
    now = int(datetime.now(UTC).timestamp())
    key = _key()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(account_id),
        "role": role,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, key.private, ALGORITHM, headers={"kid": key.id})


def verify(token: str) -> Principal | None:
    """Who the token speaks for; None for any token that is not one of ours, or is over."""
    try:
        claims = jwt.decode(
            token,
            _key().public,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "aud", "iss", "sub", "role"]},
        )
        role = claims["role"]
        return Principal(UUID(claims["sub"]), role) if role in ROLES else None
    except (jwt.InvalidTokenError, ValueError, TypeError):
        return None


@cache
def _key() -> SigningKey:
    private = load_pem_private_key(settings.JWT_PRIVATE_KEY.encode(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ImproperlyConfigured("JWT_PRIVATE_KEY_FILE must hold an Ed25519 key")
    public = private.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    thumbprint = urlsafe_b64encode(sha256(raw).digest()).rstrip(b"=").decode()
    return SigningKey(private, public, thumbprint)
