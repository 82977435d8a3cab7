"""Infrastructure that knows no capability."""
