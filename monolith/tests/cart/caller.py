"""Somebody who calls the shop over HTTP."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.test import Client

from shop.platform import tokens


@dataclass(frozen=True)
class Caller:
    account_id: UUID = field(default_factory=uuid4)
    role: str = "customer"

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Header names with _ for -. A body of bytes is sent as it is."""
        token = tokens.issue(account_id=self.account_id, role=self.role)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return Client(raise_request_exception=False).generic(
            method,
            f"/api/v1{path}",
            b"" if body is None else content,
            "" if body is None else "application/json",
            headers={"Authorization": f"Bearer {token}", **sent},
        )


def problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["type"]
