"""Who a journey acts for."""

from collections import Counter, deque
from collections.abc import Sequence
from random import Random

from twinbench.load.plan import Customer


class Customers:
    """Lends each journey a customer nobody is acting for, as long as there are any.

    Waiting for a free one would let slow answers hold arrivals back, so then one is lent twice:
    `shared` counts how often.
    """

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._all = customers
        self._free = deque(customers)
        self._shared: Counter[Customer] = Counter()
        self.shared = 0

    def borrow(self, random: Random) -> Customer:
        if self._free:
            return self._free.popleft()
        self.shared += 1
        customer = random.choice(self._all)
        self._shared[customer] += 1
        return customer

    def give_back(self, customer: Customer) -> None:
        """Free again, unless another journey still acts for the same."""
        if self._shared[customer]:
            self._shared[customer] -= 1
        else:
            self._free.append(customer)
