"""Trees that do not want to end, and what becomes of them."""
