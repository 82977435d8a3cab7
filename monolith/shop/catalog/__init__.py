"""Products and their categories: found, read, and kept by staff."""
