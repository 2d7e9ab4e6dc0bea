"""Authenticate anybody: an account, or an attempt of a job; the token itself says which."""

from ...domain.accounts.access import Actor
from ...domain.jobs.access import ATTEMPT_PREFIX
from ..ports.calling import UseCase
from .authenticate import AuthenticateCommand


class AuthenticateAnybody:
    """Asks who knows that kind of token."""

    def __init__(
        self, accounts: UseCase[AuthenticateCommand, Actor], attempts: UseCase[AuthenticateCommand, Actor]
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts

    def execute(self, command: AuthenticateCommand) -> Actor:
        """Who it is, or `Unauthenticated`."""
        of_an_attempt = command.presented.startswith(f"{ATTEMPT_PREFIX}_")
        return (self._attempts if of_an_attempt else self._accounts).execute(command)
