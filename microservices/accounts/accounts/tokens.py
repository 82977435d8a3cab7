"""The issuer of access tokens."""

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from kit.auth import ALGORITHM, AUDIENCE, ISSUER, StaticKeys

from accounts.domain import ACCESS_TOKEN_SECONDS


class TokenIssuer:
    """Signs access tokens with the one private key; publishes the public half."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        required = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
        # The key id is the key's RFC 7638 thumbprint: the same key, the same id, on any replica.
        self._kid = _base64url(sha256(orjson.dumps(required, option=orjson.OPT_SORT_KEYS)).digest())
        self.jwks: dict[str, Any] = {
            "keys": [{**required, "kid": self._kid, "alg": ALGORITHM, "use": "sig"}]
        }
        self.keys = StaticKeys({self._kid: key.public_key()})

    @classmethod
    def from_file(cls, path: Path) -> "TokenIssuer":
        """Reads an Ed25519 key in PKCS 8 PEM; exits with one line when it is something else."""
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except ValueError as error:
            raise SystemExit(f"accounts: JWT_PRIVATE_KEY_FILE: not a PEM key: {error}") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SystemExit("accounts: JWT_PRIVATE_KEY_FILE: not an Ed25519 key")
        return cls(key)

    def access_token(self, account_id: UUID, role: str) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "role": role,
            "iat": now,
            "exp": now + ACCESS_TOKEN_SECONDS,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self._kid})


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
