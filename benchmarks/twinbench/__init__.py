"""Twinbench: the same shop built twice, run side by side and measured together."""

__version__ = "0.1.0"
