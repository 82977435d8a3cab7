"""A simulated card processor, outside every arm and every budget."""
