"""An import root beside the project."""

TABLE = "facts"
