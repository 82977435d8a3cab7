"""Pure functions from samples to estimates and verdicts."""
