"""Audit: what is done, and by whom, is written down in the transaction that does it."""
