"""What accounts refuse, and why."""

from dataclasses import dataclass
from math import ceil

from ..errors import InvalidFields, Refusal, RunyardError
from .ids import AccountId, TokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What it was that opened no door, as far as it is known, and why not."""

    why: str
    account: AccountId | None = None
    token: TokenId | None = None


class InvalidAccount(InvalidFields):
    """An account or a token cannot have these values; `problems` names each one."""

    code = "invalid-account"


class Unauthenticated(RunyardError):
    """No token, or not one that opens the door. What was `presented` is for the audit trail, and is never answered."""

    refusal = Refusal.UNAUTHENTICATED
    code = "unauthenticated"

    def __init__(self, sentence: str, presented: Presented | None = None) -> None:
        super().__init__(sentence)
        self.presented = presented


class TooManyGuesses(RunyardError):
    """Too many wrong passwords came with this name; in `again` seconds one more is looked at."""

    refusal = Refusal.LIMITED
    code = "too-many-failed-logins"

    def __init__(self, again: float, advice: str = "") -> None:
        self.again = again
        super().__init__(
            "too many wrong passwords for this name (RUNYARD_FAILED_LOGINS_PER_ACCOUNT); "
            f"{advice}try again in {max(1, ceil(again))} s"
        )


class Forbidden(RunyardError):
    """The caller may see what this is about, and may not do this."""

    refusal = Refusal.FORBIDDEN
    code = "forbidden"


class AccountNotFound(RunyardError):
    """No account has this name."""

    refusal = Refusal.NOT_FOUND
    code = "account-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no account is called {name!r}")


class AccountExists(RunyardError):
    """There is an account of this name already."""

    refusal = Refusal.CONFLICT
    code = "account-exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is already an account called {name!r}")


class TokenNotFound(RunyardError):
    """No token has this id, as far as the caller may know."""

    refusal = Refusal.NOT_FOUND
    code = "token-not-found"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"no token has the id {token_id!r}; `GET /api/v1/tokens` lists those there are")


class TokenSpent(RunyardError):
    """The token has been revoked, has expired or was replaced: it cannot be rotated."""

    refusal = Refusal.CONFLICT
    code = "token-spent"

    def __init__(self, token_id: str, why: str) -> None:
        super().__init__(f"token {token_id} {why}; create a new one")
