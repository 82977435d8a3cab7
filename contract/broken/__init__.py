"""Tests of the tests: an arm with one broken rule must be caught."""
