"""What the services' tests share: real databases, real Valkey, tokens, a running app."""
