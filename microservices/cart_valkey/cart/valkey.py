"""Carts in Valkey, which is their one home.

A cart is a hash of product id to quantity, and of its version, which outlives the lines. Each
change is one script, so nothing comes between its parts. What was answered survives a crash only
where the server has written it out before: run it with `appendonly yes` and `appendfsync always`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from kit.errors import DependencyUnavailable
from kit.json import Json
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError
from starlette.requests import Request

_VERSION: Final = b"version"
_SET: Final = """
local lines = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], 'version')
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and lines >= tonumber(ARGV[3]) then
  return false
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])
"""
_REMOVE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'version', 1)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
"""
# Of this version, or of any where none is given.
_EMPTY: Final = """
local version = redis.call('HGET', KEYS[1], 'version')
if version and (#ARGV == 0 or version == ARGV[1]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'version', version + 1)
end
"""


# Unless it is here by now.
_CARRY: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV))
end
"""


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    """A cart without lines has version 0: there is nothing that could be cleared."""

    version: int
    # (product id, quantity), by product id
    lines: list[tuple[int, int]]


Earlier = Callable[[UUID], Awaitable[CartSnapshot]]
"""A cart as it was where it was kept before."""


class Carts:
    """Everything that touches the server raises DependencyUnavailable when it does not answer.

    A cart that is not here yet is first carried over from where carts were `earlier`, once.
    """

    def __init__(self, url: str, password: str | None, namespace: str, earlier: Earlier) -> None:
        self._namespace, self._earlier = namespace, earlier
        # With RESP2 a script's hash is a list whatever the server.
        self._redis: Redis = Redis.from_url(
            url, password=password, protocol=2, socket_connect_timeout=2, socket_timeout=5
        )
        self._set, self._remove, self._empty, self._carry = (
            self._redis.register_script(script) for script in (_SET, _REMOVE, _EMPTY, _CARRY)
        )

    async def snapshot(self, account_id: UUID) -> CartSnapshot:
        """Lines and version as they belong together."""
        found: Any = self._redis.hgetall(self._key(account_id))
        there = await _reached(found)
        if not there:
            await self._carry_over(account_id)
            again: Any = self._redis.hgetall(self._key(account_id))
            there = await _reached(again)
        return _snapshot(there)

    async def line_set(
        self, account_id: UUID, product_id: int, quantity: int, *, most: int
    ) -> CartSnapshot | None:
        """The cart afterwards; None, and nothing is changed, where it has `most` lines already.

        Of a cart that `snapshot` has been asked for.
        """
        found = await self._run(self._set, account_id, product_id, quantity, most)
        if found is None:
            return None
        return _snapshot(dict(zip(found[::2], found[1::2], strict=True)))

    async def line_remove(self, account_id: UUID, product_id: int) -> None:
        await self.snapshot(account_id)
        await self._run(self._remove, account_id, product_id)

    async def empty(self, account_id: UUID, *versions: int) -> None:
        """Takes all lines out; with a version, only while the cart has that one."""
        await self.snapshot(account_id)
        await self._run(self._empty, account_id, *versions)

    async def check(self) -> None:
        """Raises DependencyUnavailable unless the server answers within a second."""
        answer: Any = self._redis.ping()
        try:
            await asyncio.wait_for(_reached(answer), 1)
        except TimeoutError as error:
            raise DependencyUnavailable from error

    async def close(self) -> None:
        await self._redis.aclose()

    async def _carry_over(self, account_id: UUID) -> None:
        before = await self._earlier(account_id)
        lines = [value for line in before.lines for value in line]
        fields: Any = ["version", before.version, *lines]
        await _reached(self._carry(keys=[self._key(account_id)], args=fields))

    async def _run(self, script: AsyncScript, account_id: UUID, *arguments: int) -> Json:
        answer: Any = script(keys=[self._key(account_id)], args=list(arguments))
        return await _reached(answer)

    def _key(self, account_id: UUID) -> str:
        return f"{self._namespace}:{account_id}"


async def _reached(answer: Awaitable[Any]) -> Json:
    try:
        return await answer
    except RedisError as error:
        raise DependencyUnavailable from error


def _snapshot(found: dict[bytes, bytes]) -> CartSnapshot:
    lines = sorted((int(name), int(value)) for name, value in found.items() if name != _VERSION)
    return CartSnapshot(int(found[_VERSION]) if lines else 0, lines)


async def _carts(request: Request) -> Carts:
    carts: Carts = request.app.state.carts
    return carts


CartsDep = Annotated[Carts, Depends(_carts)]
