"""A real supervisor with real processes, in a directory of its own per test."""
