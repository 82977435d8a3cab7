"""What a valid request needs that a JSON schema cannot say.

Requests that are meant to be invalid are left alone.
"""

import os
import secrets
from base64 import urlsafe_b64encode
from typing import Any, Final

import orjson
import schemathesis

from driver.http import Caller, open_client

CATEGORY: Final = os.environ["PROBE_CATEGORY"]
PRODUCT: Final = os.environ["PROBE_PRODUCT"]
_CALLER: Final = Caller(open_client(os.environ["ARM_URL"])).bearing(os.environ["ACCESS_TOKEN"])
_TIME: Final = "2026-11-23T09:30:00.123456Z"
_VALUES: Final = {"name": "Desk", "newest": _TIME}
_RANDOM: Final = 12
_CHANGING: Final = {"updateProduct", "setInventory"}
_LARGEST_DATASET: Final = 1_000_000


def _cursor(operation_id: str, sort: str) -> str:
    """A cursor is opaque: only one that the list itself could have given is valid."""
    last = 1 if operation_id == "listProducts" else "7f0c3c3e-2f0b-4b53-9c55-0d9f5b7f1a10"
    sort = sort if operation_id == "listProducts" else "newest"
    position = orjson.dumps([sort, _VALUES.get(sort, 100), last])
    return urlsafe_b64encode(position).rstrip(b"=").decode()


def _whole(value: Any) -> Any:
    """5.0 is an integer to JSON Schema, and not to the contract."""
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _of_dataset(product_id: object) -> bool:
    text = str(product_id)
    return text.isdecimal() and 1 <= int(text) <= _LARGEST_DATASET


def _fresh(key: str) -> str:
    """A key is for one request; its length stays what was generated."""
    return (key + secrets.token_hex(_RANDOM))[-max(len(key), 2 * _RANDOM) :]


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    operation_id = case.operation.definition.raw.get("operationId", "")
    if operation_id in _CHANGING and _of_dataset(case.path_parameters.get("product_id")):
        # The dataset stays as it was: other suites compare it between arms.
        case.path_parameters["product_id"] = int(PRODUCT)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    case.body = _whole(case.body)
    if isinstance(case.body, dict) and "category" in case.body:
        case.body["category"] = CATEGORY
    if "cursor" in case.query:
        case.query["cursor"] = _cursor(operation_id, case.query.get("sort", "name"))
    if operation_id == "createOrder":
        case.headers["Idempotency-Key"] = _fresh(case.headers.get("Idempotency-Key", ""))
        _CALLER.put(f"/cart/items/{PRODUCT}", {"quantity": 1})
