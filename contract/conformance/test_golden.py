"""The golden cases of bodies, queries and cursors, over HTTP."""

import base64
from typing import Any

import orjson
import pytest

from driver.cases import cases, errors_of
from driver.http import Answer, Caller
from driver.openapi import operation
from driver.problems import expect_errors, expect_invalid, expect_problem
from driver.shop import Customer, Shop, unique


def named(case: dict[str, Any]) -> str:
    return f"{case['operation']}: {case['name']}"


@pytest.fixture(scope="module")
def product(shop: Shop) -> dict[str, Any]:
    made: dict[str, Any] = shop.add_product()
    return made


def filled(shop: Shop, body: Any) -> Any:
    """The case's body with a category that is known and an email that is free."""
    if not isinstance(body, dict):
        return body
    known = {key: value for key, value in body.items() if value == "<category>"}
    free = {key: value for key, value in body.items() if value == "ada@example.com"}
    return (
        body
        | dict.fromkeys(known, shop.categories[0])
        | dict.fromkeys(free, f"{unique('golden')}@example.com")
    )


def accepted(operation_id: str, answer: Answer) -> None:
    if operation_id == "createOrder":
        expect_problem(answer, "cart-empty")
    elif operation_id == "createSession":
        expect_problem(answer, "invalid-credentials")
    else:
        assert answer.status in {200, 201}, f"{answer}"


@pytest.mark.parametrize("case", cases("validation")["bodies"], ids=named)
def test_bodies(
    shop: Shop, bystander: Customer, product: dict[str, Any], case: dict[str, Any]
) -> None:
    called = operation(case["operation"])
    caller = shop.staff if called.staff else bystander.caller
    if case["operation"] == "createOrder":
        # What passes validation must then meet an empty cart.
        assert caller.delete("/cart").status == 204
    answer = caller.call(
        called.method,
        called.path.replace("{product_id}", str(product["id"])),
        json=filled(shop, case["body"]),
        headers={"Idempotency-Key": unique("golden")},
    )
    if case["errors"]:
        expect_errors(answer, errors_of(case))
    else:
        accepted(case["operation"], answer)


@pytest.mark.parametrize("case", cases("queries")["queries"], ids=named)
def test_queries(bystander: Customer, product: dict[str, Any], case: dict[str, Any]) -> None:
    path = operation(case["operation"]).path.replace("{product_id}", str(product["id"]))
    answer = bystander.caller.get(path, [(name, value) for name, value in case["params"]])
    if case["errors"]:
        expect_errors(answer, errors_of(case))
    else:
        assert answer.status == 200, f"{answer}"


LISTS = {"integer": ["/products"], "uuid": ["/orders", "/notifications"]}


def pages(caller: Caller, case: dict[str, Any]) -> list[Answer]:
    sort = [("sort", case["sort"])] if case["id_type"] == "integer" else []
    params = [*sort, ("cursor", case["cursor"])]
    return [caller.get(path, params) for path in LISTS[case["id_type"]]]


@pytest.mark.parametrize(
    "case", cases("cursor")["invalid"], ids=lambda case: f"{case['name']}, {case['id_type']}"
)
def test_bad_cursors(bystander: Customer, case: dict[str, Any]) -> None:
    for answer in pages(bystander.caller, case):
        expect_invalid(answer, cursor="is not valid")


@pytest.mark.parametrize("case", cases("cursor")["valid"], ids=lambda case: case["cursor"])
def test_good_cursors(bystander: Customer, case: dict[str, Any]) -> None:
    for answer in pages(bystander.caller, case):
        assert answer.status == 200, f"{answer}"


@pytest.mark.parametrize("sort", ["name", "price", "-price", "newest", "bestselling"])
def test_cursors_say_sort_value_and_id(anonymous: Caller, sort: str) -> None:
    page = anonymous.get("/products", [("sort", sort), ("limit", "1")]).body
    last = page["items"][-1]
    cursor = page["next_cursor"]
    decoded = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    value = {
        "name": last["name"],
        "price": last["price"]["amount"],
        "-price": last["price"]["amount"],
        "newest": last["created_at"],
        "bestselling": last["sold"],
    }[sort]
    assert decoded == [sort, value, last["id"]]
