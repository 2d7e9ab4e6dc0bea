"""The proofs that need a database server."""
