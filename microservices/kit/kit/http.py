"""Calls to other services: one connection pool per process, one client per callee."""

import asyncio
import random
import time
from pathlib import Path
from typing import NamedTuple

import aiohttp
import orjson
from yarl import URL

from kit.breaker import Breaker, RetryBudget
from kit.deadlines import HEADER as DEADLINE_HEADER
from kit.deadlines import within
from kit.directory import Directory
from kit.errors import DependencyUnavailable, InternalError
from kit.json import Json
from kit.patience import stand_aside
from kit.service_tokens import ServiceTokenIssuer

CALL_SECONDS = 2.0
"""How long a caller waits that does not say otherwise."""
_SERVER_ERROR = 500
# A callee's own 5xx problem (say, payment-unavailable) is an answer; these are not.
_FAILURES = frozenset({DependencyUnavailable.type, InternalError.type})


class HttpPool:
    """The process's one client session; it lives as long as the app (see `create_app`).

    `trace_configs` are told of every request; what is to be told goes in before `start`, and so
    does the file that says where services are (`directory`), where there is one.
    """

    def __init__(self, *, connections: int = 100) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self.trace_configs: list[aiohttp.TraceConfig] = []
        self.directory: Path | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the HTTP pool is used outside the app's lifespan")
        return self._session

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                keepalive_timeout=20,
                resolver=None if self.directory is None else Directory(self.directory),
                use_dns_cache=self.directory is None,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            trace_configs=self.trace_configs,
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class Reply(NamedTuple):
    """What a callee answered; `body` is parsed JSON, None when there is none."""

    status: int
    body: Json


class ServiceClient:
    """Calls one service's /internal API as `caller`.

    Every call has a deadline (`timeout` seconds, or what is left of the caller's own), which
    covers its retry. Answers below 500 and the callee's own 5xx problems come back as `Reply`;
    everything else raises DependencyUnavailable.
    """

    def __init__(
        self,
        pool: HttpPool,
        *,
        base_url: str,
        caller: str,
        callee: str,
        secret: str,
        timeout: float = CALL_SECONDS,
    ) -> None:
        self._pool = pool
        self._base_url = base_url.rstrip("/")
        self._tokens = ServiceTokenIssuer(secret, caller=caller, callee=callee)
        self._timeout = timeout
        self._breaker = Breaker()
        self._budget = RetryBudget()

    async def get(self, path: str, *, timeout: float | None = None) -> Reply:  # noqa: ASYNC109
        return await self._call("GET", path, None, timeout or self._timeout, idempotent=True)

    async def post(
        self,
        path: str,
        body: Json = None,
        *,
        idempotent: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - a deadline handed on, not a local one
    ) -> Reply:
        """`idempotent` says that the callee may see the call twice: only then is it retried."""
        content = orjson.dumps({} if body is None else body)
        return await self._call(
            "POST", path, content, timeout or self._timeout, idempotent=idempotent
        )

    async def _call(
        self, method: str, path: str, content: bytes | None, seconds: float, *, idempotent: bool
    ) -> Reply:
        stand_aside()
        deadline = within(seconds)
        url = URL(self._base_url + path, encoded=True)
        self._budget.earn()
        self._breaker.admit()
        reply = await self._attempt(method, url, content, deadline)
        if reply is None and idempotent and self._budget.spend():
            await asyncio.sleep(random.uniform(0.005, 0.05))
            self._breaker.admit()
            reply = await self._attempt(method, url, content, deadline)
        if reply is None:
            raise DependencyUnavailable
        return reply

    async def _attempt(
        self, method: str, url: URL, content: bytes | None, deadline: float
    ) -> Reply | None:
        left = deadline - time.time()
        if left <= 0:
            return None
        headers = {
            "Authorization": self._tokens.authorization(),
            DEADLINE_HEADER: str(int(deadline * 1000)),
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with asyncio.timeout(left):
                response = await self._pool.session.request(
                    method, url, data=content, headers=headers, allow_redirects=False, timeout=None
                )
                raw = await response.read()
            reply = Reply(response.status, orjson.loads(raw) if raw else None)
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            self._breaker.failed()
            return None
        if _is_failure(reply):
            self._breaker.failed()
            return None
        self._breaker.succeeded()
        return reply


def _is_failure(reply: Reply) -> bool:
    if reply.status < _SERVER_ERROR:
        return False
    return not isinstance(reply.body, dict) or reply.body.get("type", InternalError.type) in (
        _FAILURES
    )
