"""Schemathesis against each arm, from openapi.yaml, with every check on."""
