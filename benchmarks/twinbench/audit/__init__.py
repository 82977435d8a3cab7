"""Looks at an arm's books from outside and says which of the contract's invariants do not hold."""
