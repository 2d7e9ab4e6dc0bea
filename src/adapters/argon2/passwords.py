"""Passwords as argon2id keeps them, with the parameters its library recommends: a tenth of a second each."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Passwords:
    """Hashes and compares."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody: str | None = None

    def hashed(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, password: str, kept: str | None) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody")
        try:
            return self._hasher.verify(kept or self._nobody, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
