"""Stock on hand and what of it is promised to orders. Knows products by their ids only."""
