from inventory.domain import StockLevel, short_products

STOCK = {1: StockLevel(5, 2), 2: StockLevel(4, 4), 7: StockLevel(9, 0)}


def test_what_is_held_is_not_available() -> None:
    assert StockLevel(5, 2).available == 3


def test_enough_of_everything() -> None:
    assert short_products({1: 3, 7: 9}, STOCK) == []


def test_short_products_are_named_in_order() -> None:
    assert short_products({9: 1, 2: 1, 1: 4, 7: 1}, STOCK) == [1, 2, 9]
