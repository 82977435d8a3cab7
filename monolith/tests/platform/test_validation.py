"""Every body and query of the golden cases gets exactly the errors that it must get."""

from typing import Any

import pytest

from shop.accounts.serializers import AccountWrite, Credentials
from shop.catalog.serializers import ProductPatch, ProductQuery, ProductWrite
from shop.inventory.serializers import StockWrite
from shop.platform.errors import ValidationFailed
from shop.platform.fields import Strict
from shop.platform.paging import TimelineParameters
from shop.recommendations.serializers import RecommendationQuery
from tests.golden import cases

BODIES: dict[str, type[Strict]] = {
    "createAccount": AccountWrite,
    "createSession": Credentials,
    "createProduct": ProductWrite,
    "updateProduct": ProductPatch,
    "setInventory": StockWrite,
}
QUERIES: dict[str, type[Strict]] = {
    "listProducts": ProductQuery,
    "listOrders": TimelineParameters,
    "listNotifications": TimelineParameters,
    "getRecommendations": RecommendationQuery,
}


def errors_of(kind: type[Strict], data: Any) -> list[dict[str, str]]:
    try:
        kind.parse(data)
    except ValidationFailed as problem:
        found: list[dict[str, str]] = problem.body()["errors"]
        return found
    return []


@pytest.mark.parametrize(
    "case",
    [case for case in cases("validation")["bodies"] if case["operation"] in BODIES],
    ids=lambda case: f"{case['operation']}: {case['name']}",
)
def test_bodies(case: dict[str, Any]) -> None:
    # Whether a category is known is looked up when all else is right.
    expected = [error for error in case["errors"] if error["message"] != "is not known"]
    assert errors_of(BODIES[case["operation"]], case["body"]) == expected


@pytest.mark.parametrize(
    "case",
    [case for case in cases("queries")["queries"] if case["operation"] in QUERIES],
    ids=lambda case: f"{case['operation']}: {case['name']}",
)
def test_queries(case: dict[str, Any]) -> None:
    # A dict keeps the last of a repeated parameter, as QueryDict.dict() does.
    assert errors_of(QUERIES[case["operation"]], dict(case["params"])) == case["errors"]


@pytest.mark.parametrize("case", cases("email")["valid"], ids=lambda case: case["name"])
def test_emails_are_normalised(case: dict[str, str]) -> None:
    body = {"email": case["input"], "password": "correct horse", "name": "Ada"}
    assert AccountWrite.parse(body)["email"] == case["email"]


@pytest.mark.parametrize("case", cases("email")["invalid"], ids=lambda case: case["name"])
def test_emails_that_are_refused(case: dict[str, str]) -> None:
    body = {"email": case["input"], "password": "correct horse", "name": "Ada"}
    expected = [{"field": "email", "message": case["message"]}]
    assert errors_of(AccountWrite, body) == expected
