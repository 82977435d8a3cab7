"""The generated OpenAPI document says what the contract says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

CONTRACT = Path(__file__).parents[3] / "contract" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def generated() -> Any:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(schema)  # type: ignore[no-untyped-call]
    return schema


@pytest.fixture(scope="module")
def contract() -> Any:
    return yaml.safe_load(CONTRACT.read_text())


def resolved(document: Any, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        found = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method, path): item[method] | {"shared": item.get("parameters", [])}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def parameters(document: Any, operation: Any) -> set[tuple[str, str, bool]]:
    found = [
        resolved(document, parameter)
        for parameter in operation["shared"] + operation.get("parameters", [])
    ]
    return {(one["in"], one["name"], one.get("required", False)) for one in found}


def body(document: Any, operation: Any) -> Any:
    """The fields of the request body, nested, each with whether it is required."""
    request = resolved(document, operation.get("requestBody"))
    return request and fields(document, request["content"]["application/json"]["schema"])


def fields(document: Any, schema: Any) -> Any:
    schema = resolved(document, schema)
    if "allOf" in schema:
        (schema,) = (resolved(document, part) for part in schema["allOf"])
    if "properties" not in schema:
        return schema.get("type", "string")
    required = schema.get("required", [])
    return {
        name: (name in required, fields(document, inner))
        for name, inner in schema["properties"].items()
    }


def successes(document: Any, operation: Any) -> dict[str, Any]:
    found = {}
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            content = resolved(document, answer).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            found[status] = schema and sorted(fields(document, schema))
    return found


def test_the_operations_are_those_of_the_contract(generated: Any, contract: Any) -> None:
    assert operations(generated).keys() == operations(contract).keys()


@pytest.mark.parametrize("aspect", [parameters, body, successes])
def test_each_operation_agrees(generated: Any, contract: Any, aspect: Any) -> None:
    ours, theirs = operations(generated), operations(contract)
    assert {key: aspect(generated, ours[key]) for key in ours} == {
        key: aspect(contract, theirs[key]) for key in theirs
    }


def test_the_same_operations_are_public(generated: Any, contract: Any) -> None:
    ours = {key for key, one in operations(generated).items() if not one.get("security")}
    theirs = {key for key, one in operations(contract).items() if one.get("security") == []}
    assert ours == theirs
