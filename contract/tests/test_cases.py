"""The golden cases say what the plainest writing of each rule says, and cover its edges."""

from datetime import datetime
from typing import Any

import pytest

from driver.cases import FOLDER, cases
from driver.openapi import operation
from tests import reference


def test_every_file_says_what_it_is_about() -> None:
    files = sorted(path.stem for path in FOLDER.glob("*.json"))
    assert files
    assert all(cases(name)["about"] for name in files)


def test_emails() -> None:
    for case in cases("email")["valid"]:
        assert reference.email(case["input"]) == (case["email"], None)
    for case in cases("email")["invalid"]:
        assert reference.email(case["input"])[1] == case["message"]


def test_money() -> None:
    for cart in cases("money")["carts"]:
        amounts = [line["unit_price"]["amount"] * line["quantity"] for line in cart["lines"]]
        assert [line["subtotal"]["amount"] for line in cart["lines"]] == amounts
        assert cart["total"] == {"amount": sum(amounts), "currency": "EUR"}


def test_order_states_cover_every_pair() -> None:
    table = cases("order_states")
    pairs = {(row["from"], row["action"]) for row in table["transitions"]}
    assert len(pairs) == len(table["statuses"]) * len(table["actions"])
    for row in table["transitions"]:
        assert reference.next_status(row["from"], row["action"]) == row["to"]
    stuck = {row["from"] for row in table["transitions"]} - {
        row["from"] for row in table["transitions"] if row["to"]
    }
    assert stuck == set(table["final"])


def test_cursors() -> None:
    for case in cases("cursor")["valid"]:
        assert reference.cursor(case["sort"], case["value"], case["id"]) == case["cursor"]
    valid = {case["cursor"] for case in cases("cursor")["valid"]}
    assert not valid & {case["cursor"] for case in cases("cursor")["invalid"]}


def test_fingerprints() -> None:
    for case in cases("fingerprint")["bodies"]:
        expected = (case["canonical"], case["sha256"])
        assert reference.fingerprint(case["body"].encode()) == expected


@pytest.mark.parametrize("case", cases("recommendations")["features"], ids=lambda c: c["name"])
def test_features(case: dict[str, Any]) -> None:
    assert reference.features(case["product"], case["co_purchases"]) == case["features"]


@pytest.mark.parametrize("case", cases("recommendations")["candidates"], ids=lambda c: c["name"])
def test_candidates(case: dict[str, Any]) -> None:
    counts = {row["product_id"]: row["count"] for row in case["co_purchases"]}
    found = reference.candidates(case["product_id"], case["category_ids"], counts, case["limit"])
    assert found == case["candidates"]


@pytest.mark.parametrize("case", cases("recommendations")["scores"], ids=lambda c: c["name"])
def test_scores(case: dict[str, Any]) -> None:
    assert reference.recommendations(case) == case["items"]


def test_co_purchases() -> None:
    for order in cases("co_purchases")["orders"]:
        ids = [line["product_id"] for line in order["lines"]]
        assert order["pairs"] == sorted([a, b] for a in ids for b in ids if a != b)
        assert order["sold"] == {str(x["product_id"]): x["quantity"] for x in order["lines"]}


def test_times() -> None:
    for case in cases("times")["times"]:
        assert reference.rendered(datetime.fromisoformat(case["input"])) == case["text"]


def test_notifications_cover_every_kind() -> None:
    kinds = {case["kind"] for case in cases("notifications")["notifications"]}
    assert kinds == {"welcome", "order-confirmed", "order-shipped", "order-cancelled"}


@pytest.mark.parametrize(("name", "key"), [("validation", "bodies"), ("queries", "queries")])
def test_errors_are_sorted_one_per_field(name: str, key: str) -> None:
    for case in cases(name)[key]:
        fields = [error["field"] for error in case["errors"]]
        assert fields == sorted(set(fields)), case["name"]
        assert operation(case["operation"])


def test_names_of_cases_are_unique() -> None:
    for name, key in (("validation", "bodies"), ("queries", "queries")):
        names = [(case["operation"], case["name"]) for case in cases(name)[key]]
        assert len(names) == len(set(names))
