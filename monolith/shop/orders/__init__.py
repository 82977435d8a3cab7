"""Placing, settling, cancelling and shipping orders."""
