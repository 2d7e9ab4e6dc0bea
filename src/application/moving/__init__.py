"""Moving everything from one store to another."""
