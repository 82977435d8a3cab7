"""Run folders: immutable, versioned, self-describing."""
