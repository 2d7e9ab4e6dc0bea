"""Tokens by chance."""

import secrets
from typing import Final

from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import BASE62, ID_LETTERS, SECRET_LETTERS, TokenText

_BYTES: Final = 32


class RandomTokens:
    """From the randomness of the operating system."""

    def made(self) -> TokenText:
        identity = "".join(secrets.choice(BASE62) for _ in range(ID_LETTERS))
        return TokenText(TokenId(identity), _letters(int.from_bytes(secrets.token_bytes(_BYTES))))


def _letters(number: int) -> str:
    """The number in base 62, as long as the largest one is."""
    letters = ""
    for _ in range(SECRET_LETTERS):
        number, rest = divmod(number, len(BASE62))
        letters = BASE62[rest] + letters
    return letters
