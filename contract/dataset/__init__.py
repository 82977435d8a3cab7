"""The shop's data: a function of (size, seed), the same in every arm."""
