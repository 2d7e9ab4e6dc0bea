"""The contract suites on PostgreSQL."""
