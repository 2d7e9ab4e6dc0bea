"""The tests: `unit` without services, `integration` with real ones, `contracts` shared by both."""
