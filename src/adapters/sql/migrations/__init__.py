"""How the schema came to be, step by step. Steps are never edited once released."""
