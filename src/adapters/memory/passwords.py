"""Passwords that nobody has to protect."""


class MemoryPasswords:
    """Quick, and safe nowhere else than in memory."""

    def hashed(self, password: str) -> str:
        return f"kept:{password[::-1]}"

    def matches(self, password: str, kept: str | None) -> bool:
        return kept == self.hashed(password)
