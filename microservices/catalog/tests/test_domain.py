import pytest

from catalog.domain import ORDERINGS, Sort, units_sold
from tests.conftest import golden


@pytest.mark.parametrize("case", golden("co_purchases")["orders"], ids=lambda case: case["name"])
def test_units_sold_are_the_contracts(case: dict[str, object]) -> None:
    lines = [(line["product_id"], line["quantity"]) for line in case["lines"]]  # type: ignore[attr-defined]
    expected = {int(product_id): units for product_id, units in case["sold"].items()}  # type: ignore[attr-defined]
    assert units_sold(lines) == expected


def test_lines_of_one_product_add_up() -> None:
    assert units_sold([(1, 2), (2, 1), (1, 3)]) == {1: 5, 2: 1}


def test_every_sort_has_an_ordering() -> None:
    assert set(ORDERINGS) == set(Sort)
