"""Who asks for one page all the time, and looks whether it is as the contract says.

A reader of before a change must be able to read what is written after it: fields that the contract
names are there, in their types, and further ones are let pass.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from types import TracebackType
from typing import Any, Final, Self

import yaml

from twinbench.paths import CHECKOUT

_EVERY_S: Final = 0.1
_TIMEOUT_S: Final = 10
_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str, "integer": int, "boolean": bool, "object": dict, "array": list,
    "number": (int, float), "null": type(None),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: when it was asked for and came (time.monotonic), of which version it is.

    `new` is None for no answer, or one that tells of trouble, which the load counts. `problem` says
    how a page breaks the contract.
    """

    asked: float
    came: float
    new: bool | None
    problem: str | None


class Prober:
    """Asks for a product's page ten times a second while its block lasts.

    An answer that has the field `mark` is of the new version.
    """

    def __init__(self, base_url: str, product: int, mark: str) -> None:
        self._url = f"{base_url}/api/v1/products/{product}"
        self._mark = mark
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prober")
        self.seen: list[Seen] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_EVERY_S):
            asked = time.monotonic()
            new, problem = self._ask()
            self.seen.append(Seen(asked, time.monotonic(), new, problem))

    def _ask(self) -> tuple[bool | None, str | None]:
        try:
            with urllib.request.urlopen(self._url, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                body = json.load(answer)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return None, None
        except (OSError, HTTPException):
            return None, None
        except ValueError:
            return None, "Product is no JSON"
        return self._mark in body, breach("Product", body)


def breach(schema: str, body: object) -> str | None:
    """What of a schema of the contract an answer breaks; unknown fields break nothing."""
    rules = contract_schemas()[schema]
    if not isinstance(body, dict):
        return f"{schema} is no object"
    for name in rules["required"]:
        if name not in body:
            return f"{schema} lacks {name}"
    for name, rule in rules["properties"].items():
        kinds = _resolved(rule).get("type", [])
        allowed = [kinds] if isinstance(kinds, str) else kinds
        if name in body and allowed and not any(_is(body[name], kind) for kind in allowed):
            return f"{schema}.{name} is no {' or '.join(allowed)}"
    return None


@cache
def contract_schemas() -> Mapping[str, Any]:
    document = yaml.safe_load((CHECKOUT / "contract" / "openapi.yaml").read_text())
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    return schemas


def _resolved(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in rule:
        return _resolved(contract_schemas()[rule["$ref"].rpartition("/")[2]])
    return rule


def _is(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and not (isinstance(value, bool) and kind != "boolean")
