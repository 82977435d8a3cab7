from random import Random

from twinbench.load.customers import Customers
from twinbench.load.plan import Customer

ONE, OTHER = (Customer(f"{name}@shop.example", "secret", "token") for name in ("one", "other"))


def test_each_is_lent_once_while_there_are_any() -> None:
    customers = Customers((ONE, OTHER))
    assert {customers.borrow(Random(1)), customers.borrow(Random(1))} == {ONE, OTHER}
    assert customers.shared == 0


def test_one_who_is_shared_is_free_only_when_both_have_given_back() -> None:
    customers = Customers((ONE,))
    first, second = customers.borrow(Random(1)), customers.borrow(Random(1))
    assert (first, second, customers.shared) == (ONE, ONE, 1)
    customers.give_back(first)
    assert (customers.borrow(Random(1)), customers.shared) == (ONE, 2)
    customers.give_back(ONE)
    customers.give_back(ONE)
    assert [customers.borrow(Random(1)) for _ in range(2)] == [ONE, ONE]
    assert customers.shared == 3
