"""A TCP proxy that fails on purpose, between components and what they depend on."""
