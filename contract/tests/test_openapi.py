"""openapi.yaml is valid, complete, and agrees with itself and with the golden cases."""

import re
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from driver.cases import cases
from driver.openapi import (
    ContractViolationError,
    Operation,
    check,
    document,
    operations,
    resolve,
    route,
)
from driver.problems import PROBLEM, problems
from tests.answers import answer

EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
UNIVERSAL = {"method-not-allowed", "internal-error"}


def test_document_is_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1")
    validate(document())


def test_every_operation_of_the_contract_is_there() -> None:
    assert len(operations()) == 22
    assert len({operation.id for operation in operations()}) == 22


@EVERY
def test_responses_follow_from_the_order_of_checks(operation: Operation) -> None:
    expected = {"503"}
    if operation.protected:
        expected.add("401")
    if "{" in operation.path:
        expected.add("404")
    if operation.takes_body:
        expected |= {"400", "415", "422"}
    if operation.id == "removeCartItem":
        expected.add("404")
    assert expected <= operation.description["responses"].keys()


@EVERY
def test_examples_fit_their_schemas(operation: Operation) -> None:
    if not operation.takes_body:
        return
    content = operation.description["requestBody"]["content"]["application/json"]
    whole = document()
    schema = {"$ref": content["schema"]["$ref"], "components": whole["components"]}
    for example in content.get("examples", {}).values():
        jsonschema_rs.Draft202012Validator(schema).validate(example["value"])


def test_bodies_that_the_golden_cases_accept_fit_the_schemas() -> None:
    """And those refused for what a schema can say do not."""
    beyond = {"is not known"}
    whole_floats = {"amount as a whole float", "float"}
    for case in cases("validation")["bodies"]:
        (found,) = (item for item in operations() if item.id == case["operation"])
        content = found.description["requestBody"]["content"]["application/json"]
        schema = {"$ref": content["schema"]["$ref"], "components": document()["components"]}
        fits = jsonschema_rs.Draft202012Validator(schema).is_valid(case["body"])
        messages = {error["message"] for error in case["errors"]}
        if messages - beyond and case["name"] not in whole_floats:
            assert not fits, case
        elif not messages:
            assert fits, case


def test_problems_are_closed_and_complete() -> None:
    names = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in _problem_names()}
    assert names == problems().keys()
    assert len(names) == 22
    for name in _problem_names():
        schema = document()["components"]["schemas"][f"{name}Problem"]
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == schema["properties"].keys()


def _problem_names() -> list[str]:
    schemas = document()["components"]["schemas"]
    return [name.removesuffix("Problem") for name in schemas if name.endswith("Problem")]


def test_every_problem_is_some_operations_answer() -> None:
    described: set[str] = set()
    for operation in operations():
        for status, reference in operation.description["responses"].items():
            content = resolve(reference).get("content", {}).get(PROBLEM)
            for schema in _alternatives(content["schema"]) if content else ():
                properties = resolve(schema)["properties"]
                assert properties["status"]["const"] == int(status)
                described.add(properties["type"]["const"])
    assert described == problems().keys() - UNIVERSAL


def _alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = schema.get("oneOf", [schema])
    return found


@EVERY
def test_staff_operations_are_those_that_forbid(operation: Operation) -> None:
    assert operation.staff == ("(staff)" in operation.description["summary"])


def test_routes() -> None:
    assert route("/accounts/me") == "/accounts/me"
    assert route("/products/7/recommendations") == "/products/{product_id}/recommendations"
    assert route("/products/7/") is None


CART = {"lines": [], "total": {"amount": 0, "currency": "EUR"}}


def test_described_answers_pass() -> None:
    check("GET", "/cart", answer(200, CART))
    check("DELETE", "/cart", answer(204, None))
    check("GET", "/nothing", answer(404, problems()["not-found"].body(), PROBLEM))
    check("PUT", "/cart", answer(405, problems()["method-not-allowed"].body(), PROBLEM))


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "media_type", "reason"),
    [
        ("GET", "/cart", 200, CART | {"more": 1}, "application/json", "more"),
        ("GET", "/cart", 200, {"lines": []}, "application/json", "total"),
        ("GET", "/cart", 200, CART, "text/html", "content type"),
        ("GET", "/cart", 202, CART, "application/json", "status 202"),
        ("DELETE", "/cart", 204, CART, "application/json", "a body"),
        ("GET", "/cart", 401, problems()["unauthenticated"].body(), PROBLEM, "WWW-Authenticate"),
        ("GET", "/cart", 503, problems()["payment-unavailable"].body(), PROBLEM, "type"),
        ("GET", "/nothing", 200, {}, "application/json", "required"),
    ],
)
def test_others_do_not(
    method: str, path: str, status: int, body: object, media_type: str, reason: str
) -> None:
    with pytest.raises(ContractViolationError, match=reason):
        check(method, path, answer(status, body, media_type))
