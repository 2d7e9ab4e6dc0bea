"""Passwords, by argon2."""
