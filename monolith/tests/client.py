"""The shop's interface as a customer's program sees it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.http.response import HttpResponseBase
from django.test import Client as DjangoClient


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    def problem(self) -> tuple[int, str]:
        assert self.headers["content-type"] == "application/problem+json"
        assert self.body["status"] == self.status
        return self.status, self.body["type"]

    def errors(self) -> dict[str, str]:
        assert self.problem() == (422, "validation-failed")
        fields = [error["field"] for error in self.body["errors"]]
        assert fields == sorted(set(fields))
        return {error["field"]: error["message"] for error in self.body["errors"]}


class Client:
    def __init__(self, token: str | None = None, account_id: UUID | None = None) -> None:
        self.account_id = account_id
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._django = DjangoClient(raise_request_exception=True)

    def get(self, path: str, **query: Any) -> Answer:
        return _answer(self._django.get(f"/api/v1{path}", query, headers=self._headers))

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        data = orjson.dumps(body) if content is None else content
        return _answer(
            self._django.generic(
                method,
                f"/api/v1{path}",
                data,
                content_type,
                # Django's client leaves it out where there is nothing to send.
                headers=self._headers | ({"Content-Type": content_type} if content_type else {}),
            )
        )

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", path, body)

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.send("PATCH", path, body)


def _answer(response: HttpResponseBase) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, b"".join(response))
