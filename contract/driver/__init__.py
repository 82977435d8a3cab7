"""What the suites share: arms to drive, callers to act as, and the contract to hold answers to."""
