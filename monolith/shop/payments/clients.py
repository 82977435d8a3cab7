"""The acquirer, a card processor outside the shop, spoken to over HTTP."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

import orjson
import urllib3

from shop.platform.http import BoundedPool

logger = logging.getLogger(__name__)

ATTEMPTS = 2
ATTEMPT_SECONDS = 1.5
# More than the blocking threads of any component, so that no thread waits for a connection.
CONNECTIONS = 32
CURRENCY = "EUR"
USABLE = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT})


class AcquirerUnavailable(Exception):  # noqa: N818
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
    """Every operation is idempotent by reference."""

    def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization: ...

    def capture(self, reference: UUID) -> bool:
        """Whether the money is captured; false when the reference does not allow it."""

    def refund(self, reference: UUID) -> Refund: ...


class HttpAcquirer:
    """Keep-alive connections of one process; safe to share between its threads."""

    def __init__(self, url: str, *, attempt_seconds: float = ATTEMPT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=CONNECTIONS,
            retries=False,
            timeout=urllib3.Timeout(total=attempt_seconds),
            headers={"Content-Type": "application/json"},
        )
        classes = self._pool.pool_classes_by_scheme
        self._pool.pool_classes_by_scheme = {**classes, "http": BoundedPool}

    def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization:
        status, body = self._post(
            "/authorizations",
            {
                "reference": str(reference),
                "amount": {"amount": amount, "currency": CURRENCY},
                "token": token,
            },
        )
        if status == HTTPStatus.CONFLICT:
            return Authorization.WITHDRAWN
        # A repeated request reads how far the reference has come since.
        if body["status"] in {"authorized", "captured"}:
            return Authorization.AUTHORIZED
        return Authorization.DECLINED

    def capture(self, reference: UUID) -> bool:
        status, _ = self._post("/captures", {"reference": str(reference)})
        return status != HTTPStatus.CONFLICT

    def refund(self, reference: UUID) -> Refund:
        status, body = self._post("/refunds", {"reference": str(reference)})
        # A declined reference refuses; the tombstone of one never authorised carries no token.
        return Refund(taken=status != HTTPStatus.CONFLICT and body["token"] != "")

    def _post(self, path: str, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        body = orjson.dumps(content)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._pool.request("POST", self._url + path, body=body)
                if response.status in USABLE:
                    return response.status, orjson.loads(response.data)
            except (urllib3.exceptions.HTTPError, orjson.JSONDecodeError) as error:
                logger.warning("acquirer %s, attempt %d: %s", path, attempt, error)
                continue
            logger.warning("acquirer %s, attempt %d: status %d", path, attempt, response.status)
            if response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
        raise AcquirerUnavailable(path)


@lru_cache(maxsize=4)
def http_acquirer(url: str) -> HttpAcquirer:
    return HttpAcquirer(url)
