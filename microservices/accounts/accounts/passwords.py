"""Argon2id, off the event loop: a hash takes tens of milliseconds of one core."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(
    time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)


class Passwords:
    """Hashes and verifies in a few threads of its own, so that logins cannot crowd out reads."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._nobodys = _HASHER.hash("nobody has this password")

    async def hashed(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _HASHER.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash just as slow, and False."""
        right = await asyncio.get_running_loop().run_in_executor(
            self._pool, _verified, password_hash or self._nobodys, password
        )
        return right and password_hash is not None


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
