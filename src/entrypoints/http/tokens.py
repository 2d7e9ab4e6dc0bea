"""Tokens: list, create, rotate, revoke; and a password for one."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.params import FromPath, QueryParameter, RawBody

from ...application.accounts.create_token import CreateTokenCommand
from ...application.accounts.list_tokens import ListTokensCommand
from ...application.accounts.log_in import LogInCommand
from ...application.accounts.revoke_token import RevokeTokenCommand
from ...application.accounts.rotate_token import RotateTokenCommand
from ...domain.accounts.errors import InvalidAccount
from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import GRACE, LIFE, LONGEST_LIFE, TokenTerms
from .account_bodies import LogInBody, TokenBody, TokenRotationBody
from .account_views import IssuedView, TokensView, TokenView
from .auth import address_of
from .given import Everything, House
from .request_body import read_body
from .unhurried import unhurried

OfAccount = Annotated[str | None, QueryParameter(name="account", description="Only tokens of this account.")]


class TokensController(Controller):
    """Tokens."""

    path = "/tokens"
    tags = ("accounts",)

    @get(sync_to_thread=True, operation_id="listTokens", summary="List tokens")
    def list_of_tokens(self, provided: Everything, account: OfAccount = None) -> TokensView:
        """One's own; everybody's, for who manages accounts. Those that are good no more are listed too."""
        found = provided.accounts.list_tokens.execute(ListTokensCommand(account=account))
        return TokensView(items=[TokenView.of(record) for record in found])

    @post(sync_to_thread=True, operation_id="createToken", summary="Create a token")
    def create(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> IssuedView:
        """`text` is shown here and never again. A token never makes one that may do more than itself."""
        asked = read_body(request, body, TokenBody, InvalidAccount)
        scopes = None if asked.scopes is None else frozenset(asked.scopes)
        terms = TokenTerms(name=asked.name, scopes=scopes, life=span_of(asked.expires_in, LIFE))
        command = CreateTokenCommand(account=asked.account, terms=terms)
        return IssuedView.issued(provided.accounts.create_token.execute(command))

    @post(
        "/{token_id:str}/rotate",
        sync_to_thread=True,
        operation_id="rotateToken",
        summary="Rotate a token",
    )
    def rotate(
        self, request: Request[Any, Any, Any], token_id: FromPath[str], body: RawBody, provided: Everything
    ) -> IssuedView:
        """A successor for the same; the old one stays good for a short while, so that nothing stops meanwhile."""
        asked = read_body(request, body, TokenRotationBody, InvalidAccount)
        command = RotateTokenCommand(token_id=TokenId(token_id), grace=span_of(asked.grace, GRACE))
        return IssuedView.issued(provided.accounts.rotate_token.execute(command))

    @post(
        "/{token_id:str}/revoke",
        sync_to_thread=True,
        status_code=204,
        operation_id="revokeToken",
        summary="Revoke a token",
    )
    def revoke(self, token_id: FromPath[str], provided: Everything) -> None:
        """Refused everywhere within five seconds, streams included. Again changes nothing."""
        provided.accounts.revoke_token.execute(RevokeTokenCommand(token_id=TokenId(token_id)))


class LogInController(Controller):
    """Logging in."""

    path = "/login"
    tags = ("accounts",)
    security = ()

    @post(sync_to_thread=True, operation_id="logIn", summary="Log in")
    def log_in(self, request: Request[Any, Any, Any], body: RawBody, house: House) -> IssuedView:
        """A token for a name and a password, good for 30 days. Needs no token."""
        asked = read_body(request, body, LogInBody, InvalidAccount)
        address = address_of(request.scope)
        command = LogInCommand(name=asked.name, password=asked.password, token_name=asked.token_name, address=address)
        return IssuedView.issued(unhurried(partial(house.log_in.execute, command)))


def span_of(given: float | None, otherwise: timedelta) -> timedelta:
    """Seconds as a span of time; what is too large for one is as wrong as what is merely too long."""
    if given is None:
        return otherwise
    return timedelta(seconds=max(-1.0, min(given, 2 * LONGEST_LIFE.total_seconds())))
