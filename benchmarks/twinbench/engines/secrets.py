"""Secrets of the topology: generated once per state folder, each in a file of mode 0600."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from twinbench.engines.protocol import EngineError
from twinbench.engines.state import damaged, write_atomically
from twinbench.topology import SecretKind


def generate_missing(folder: Path, kinds: Mapping[str, SecretKind]) -> None:
    """An existing secret is never replaced: the data were made with it."""
    for name, kind in kinds.items():
        file = folder / name
        if not file.exists():
            write_atomically(file, _generated(kind), mode=0o600)


def read_secret(folder: Path, name: str) -> str:
    file = folder / name
    try:
        value = file.read_text().strip()
    except FileNotFoundError:
        raise EngineError(f"there is no secret {name!r} in {folder}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(file) from error
    if not value:
        raise damaged(file)
    return value


def _generated(kind: SecretKind) -> bytes:
    match kind:
        case SecretKind.PASSWORD:
            return secrets.token_hex(24).encode()
        case SecretKind.TOKEN:
            return secrets.token_urlsafe(48).encode()
        case SecretKind.ED25519:
            return Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
