"""HTTP as the suites see it: one caller per identity; nothing is followed or retried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import httpx
import orjson

API: Final = "/api/v1"
TIMEOUT: Final = httpx.Timeout(20.0)
Params = Sequence[tuple[str, str]]


class _Absent:
    """No body at all; None is the JSON null."""


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Answer:
    request: str
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content) if self.content else None

    def __str__(self) -> str:
        return f"{self.request} -> {self.status} {self.content[:2000].decode(errors='replace')}"


class Observer(Protocol):
    """Told of every answer: the contract's own check is one."""

    def __call__(self, method: str, path: str, answer: Answer, /) -> None: ...


def ignore(_method: str, _path: str, _answer: Answer, /) -> None:
    """The observer that does not look."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity (or nobody) at one arm."""

    client: httpx.Client
    observer: Observer = ignore
    token: str | None = None

    def bearing(self, token: str | None) -> "Caller":
        return replace(self, token=token)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = ABSENT,
        content: bytes | None = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` is below /api/v1 and sent as it is; `content` goes without a content type."""
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if not isinstance(json, _Absent):
            content = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        url = f"{API}{path}"
        if params:
            url = f"{url}?{httpx.QueryParams(list(params))}"
        response = self.client.request(method, url, content=content, headers=sent)
        answer = Answer(
            request=f"{method} {url} {'' if content is None else content[:500].decode('latin-1')}",
            status=response.status_code,
            headers=response.headers,
            content=response.content,
        )
        self.observer(method, path, answer)
        return answer

    def get(self, path: str, params: Params = ()) -> Answer:
        return self.call("GET", path, params=params)

    def post(
        self, path: str, json: Any = ABSENT, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self.call("POST", path, json=json, headers=headers)

    def put(self, path: str, json: Any) -> Answer:
        return self.call("PUT", path, json=json)

    def patch(self, path: str, json: Any) -> Answer:
        return self.call("PATCH", path, json=json)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)


def open_client(url: str) -> httpx.Client:
    """A keep-alive client of a gateway; no redirect is followed, no proxy used."""
    return httpx.Client(
        base_url=url,
        timeout=TIMEOUT,
        trust_env=False,
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
    )
