"""Products that go with a product, by what they are and by what is bought together."""
