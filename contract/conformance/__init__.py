"""Hand-written scenarios for every operation, rule and error, against each arm's gateway."""
