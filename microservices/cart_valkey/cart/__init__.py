"""What a customer intends to buy."""
