"""What an account is told, written when events arrive."""
