"""The event bus: one Redis stream per publishing service."""

from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

_FIELD = b"event"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `id` is the same however often the event is delivered."""

    id: str
    type: str
    occurred_at: str
    data: dict[str, Any]

    def entry(self) -> dict[Any, Any]:
        """The event as the fields of a stream entry."""
        return {_FIELD: orjson.dumps(self)}

    @classmethod
    def of(cls, entry: dict[bytes, bytes]) -> "Event":
        return cls(**orjson.loads(entry[_FIELD]))


class Bus:
    """The connection to Valkey, and the names used there."""

    def __init__(
        self, url: str, password: str | None, namespace: str, *, answer_seconds: float = 10.0
    ) -> None:
        self._namespace = namespace
        self.redis: Redis = Redis.from_url(
            url, password=password, socket_connect_timeout=2, socket_timeout=answer_seconds
        )

    def stream(self, service: str) -> str:
        """The stream a service publishes to: `events.<service>`."""
        return f"{self._namespace}.{service}"

    async def close(self) -> None:
        await self.redis.aclose()
