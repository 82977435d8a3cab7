"""The rules of accounts, by the contract's golden cases."""

from typing import Any

import pytest

from accounts.domain import is_email, normalised_email
from tests.conftest import cases


@pytest.mark.parametrize("case", cases("email")["valid"], ids=lambda case: case["name"])
def test_emails(case: dict[str, Any]) -> None:
    assert normalised_email(case["input"]) == case["email"]
    assert is_email(case["email"])


def test_a_final_newline_is_no_part_of_an_email() -> None:
    assert not is_email("ada@example.com\n")
