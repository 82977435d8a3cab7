"""openapi.yaml as data, and a check that an answer is one it describes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jsonschema_rs
import orjson
import yaml

from driver.http import Answer

DOCUMENT: Final = Path(__file__).parent.parent / "openapi.yaml"
METHODS: Final = ("get", "put", "post", "delete", "patch")
_UNIVERSAL: Final = {405: "MethodNotAllowedProblem", 500: "InternalErrorProblem"}
Json = dict[str, Any]


class ContractViolationError(AssertionError):
    """An arm gave an answer that openapi.yaml does not describe."""


@cache
def document() -> Json:
    loaded: Json = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


def resolve(node: Json) -> Json:
    while "$ref" in node:
        target: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    description: Json

    @property
    def protected(self) -> bool:
        return bool(self.description.get("security", document()["security"]))

    @property
    def staff(self) -> bool:
        return "403" in self.description["responses"]

    @property
    def takes_body(self) -> bool:
        return "requestBody" in self.description


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(item[method]["operationId"], method.upper(), path, item[method])
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item
    )


def operation(operation_id: str) -> Operation:
    return next(found for found in operations() if found.id == operation_id)


@cache
def _routes() -> tuple[tuple[re.Pattern[str], str], ...]:
    # Literal segments come before templated ones: /accounts/me before /accounts/{id}.
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return tuple((re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths)


def route(path: str) -> str | None:
    return next((found for pattern, found in _routes() if pattern.fullmatch(path)), None)


def methods_of(path: str) -> set[str]:
    return {found.method for found in operations() if found.path == path}


@cache
def _validator(pointer: str) -> jsonschema_rs.Validator:
    # The whole document goes along so that local references resolve.
    schema = {"$ref": f"#/{quote(pointer)}", "components": document()["components"]}
    schema |= {"paths": document()["paths"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _pointer(found: Operation, status: int, media_type: str) -> str:
    reference = found.description["responses"][str(status)].get("$ref")
    if reference is not None:
        return f"{reference.removeprefix('#/')}/content/{_escaped(media_type)}/schema"
    path = f"paths/{_escaped(found.path)}/{found.method.lower()}/responses/{status}"
    return f"{path}/content/{_escaped(media_type)}/schema"


def _violations(method: str, path: str, answer: Answer) -> Iterator[str]:
    template = route(path)
    found = next(
        (item for item in operations() if item.path == template and item.method == method), None
    )
    media_type = answer.headers.get("Content-Type", "").partition(";")[0]
    if answer.status in _UNIVERSAL or found is None:
        name = _UNIVERSAL.get(answer.status, "NotFoundProblem")
        if method != "HEAD" and answer.content:
            yield from _schema_errors(f"components/schemas/{name}", answer.content)
        return
    if str(answer.status) not in found.description["responses"]:
        yield f"status {answer.status} is not described"
        return
    response = resolve(found.description["responses"][str(answer.status)])
    for name, header in response.get("headers", {}).items():
        if resolve(header).get("required") and name not in answer.headers:
            yield f"header {name} is missing"
    content = response.get("content", {})
    if not content:
        if answer.content:
            yield "a body where none is described"
    elif media_type not in content:
        yield f"content type {media_type!r} is not described"
    else:
        pointer = _pointer(found, answer.status, media_type)
        yield from _schema_errors(pointer, answer.content)


def _schema_errors(pointer: str, content: bytes) -> Iterator[str]:
    for error in _validator(pointer).iter_errors(orjson.loads(content)):
        yield f"{error.message} at {'/'.join(map(str, error.instance_path))}"


def check(method: str, path: str, answer: Answer) -> None:
    """An `Observer`: raises unless openapi.yaml describes the answer."""
    violations = list(_violations(method, path.partition("?")[0], answer))
    if violations:
        raise ContractViolationError(f"{answer}: {'; '.join(violations)}")
