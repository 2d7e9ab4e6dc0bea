"""What is particular to an adapter."""
