"""What a customer is told, written from events."""
