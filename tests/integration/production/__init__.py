"""Several servers and workers, on one PostgreSQL and one Valkey."""
