"""Replacing a component by its next version while customers go on buying."""
