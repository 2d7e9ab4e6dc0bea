"""Faults of the catalogue, each a test named after it; `docs/failures.md` lists them."""
