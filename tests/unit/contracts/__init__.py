"""The contract suites on memory and SQLite."""
