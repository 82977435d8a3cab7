"""Placing, cancelling and shipping orders: an orchestrated saga."""
