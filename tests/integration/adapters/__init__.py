"""What is particular to an adapter, on real services."""
