"""The threats Runyard is judged by and what went wrong elsewhere, each with its tests; `docs/security.md` shows them."""
