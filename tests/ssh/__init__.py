"""A real OpenSSH server, and everything that has to hold over it."""
