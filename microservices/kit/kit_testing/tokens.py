"""Access tokens and service tokens as the real issuers make them."""

import time
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.auth import ALGORITHM, AUDIENCE, ISSUER, StaticKeys
from kit.json import Json
from kit.service_tokens import ServiceTokenIssuer

SERVICE_SECRET = "a secret that only the tests know, long enough"  # noqa: S105
KID = "test"


class TokenMaker:
    """Stands for the accounts service."""

    def __init__(self) -> None:
        self.private_key = Ed25519PrivateKey.generate()
        self.keys = StaticKeys({KID: self.private_key.public_key()})

    def access_token(
        self, account_id: UUID, role: str = "customer", *, kid: str = KID, **claims: Json
    ) -> str:
        now = int(time.time())
        everything = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(account_id),
            "role": role,
            "iat": now,
            "exp": now + 3600,
            **claims,
        }
        return jwt.encode(everything, self.private_key, ALGORITHM, headers={"kid": kid})

    def headers(self, account_id: UUID, role: str = "customer") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token(account_id, role)}"}


def service_headers(caller: str, callee: str) -> dict[str, str]:
    issuer = ServiceTokenIssuer(SERVICE_SECRET, caller=caller, callee=callee)
    return {"Authorization": issuer.authorization()}
