"""The acquirer, a card processor outside the shop, spoken to over HTTP."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import aiohttp
import orjson
from kit.http import HttpPool
from kit.schemas import money

log = logging.getLogger(__name__)

ATTEMPTS = 2
ATTEMPT_SECONDS = 1.5
_REFUSED = 409
_UNDERSTOOD = frozenset({200, 201, _REFUSED})
_SERVER_ERROR = 500


class AcquirerUnavailable(Exception):  # noqa: N818 - named as in the monolith
    """The acquirer gave no usable answer: what it has recorded is not known."""


class Authorization(StrEnum):
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    # The reference was refunded or voided before: it can take no money any more.
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Refund:
    # Whether the acquirer had taken, or at least set aside, money under the reference.
    taken: bool


class Acquirer(Protocol):
    """Every operation is idempotent by reference and raises AcquirerUnavailable."""

    async def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization: ...

    async def capture(self, reference: UUID) -> bool:
        """Whether the money is captured; false when the reference does not allow it."""

    async def refund(self, reference: UUID) -> Refund:
        """Gives back what was taken; a reference never seen can take nothing from now on."""


class HttpAcquirer:
    def __init__(
        self, pool: HttpPool, url: str, *, attempt_seconds: float = ATTEMPT_SECONDS
    ) -> None:
        self._pool, self._url = pool, url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=attempt_seconds)

    async def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization:
        body = {"reference": str(reference), "amount": money(amount), "token": token}
        status, answer = await self._post("/authorizations", body)
        if status == _REFUSED:
            return Authorization.WITHDRAWN
        # A repeated request reads how far the reference has come since.
        if answer["status"] in {"authorized", "captured"}:
            return Authorization.AUTHORIZED
        return Authorization.DECLINED

    async def capture(self, reference: UUID) -> bool:
        status, _ = await self._post("/captures", {"reference": str(reference)})
        return status != _REFUSED

    async def refund(self, reference: UUID) -> Refund:
        status, answer = await self._post("/refunds", {"reference": str(reference)})
        # A declined reference refuses; the tombstone of one never authorised carries no token.
        return Refund(taken=status != _REFUSED and answer["token"] != "")

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        content = orjson.dumps(body)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, raw = await self._attempt(path, content)
                if status in _UNDERSTOOD:
                    return status, orjson.loads(raw)
            except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
                log.warning("acquirer %s, attempt %d: %r", path, attempt, error)
                continue
            log.warning("acquirer %s, attempt %d: status %d", path, attempt, status)
            if status < _SERVER_ERROR:
                break
        raise AcquirerUnavailable(path)

    async def _attempt(self, path: str, content: bytes) -> tuple[int, bytes]:
        async with self._pool.session.post(
            self._url + path,
            data=content,
            headers={"Content-Type": "application/json"},
            timeout=self._timeout,
        ) as response:
            return response.status, await response.read()
