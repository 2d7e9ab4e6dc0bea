"""Documents that cannot drift."""
