"""The money of an order: authorised, captured and refunded at the acquirer."""
