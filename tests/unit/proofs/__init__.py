"""The proofs that need nothing but this machine."""
