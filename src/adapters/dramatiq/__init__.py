"""Control tasks on Dramatiq."""
