"""Compare schemas: how they are read, their keywords, limits, alternatives and names."""
