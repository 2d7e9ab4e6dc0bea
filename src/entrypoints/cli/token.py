"""API tokens."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from ..client.accounts import Token
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, span, tabbed, table
from .saying import note, plain
from .values import seconds

OfAccount = Annotated[str | None, option("account", help="Whose; yours unless given.")]


def list_(*, account: OfAccount = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """List tokens. Their texts are nowhere."""
    with server.connected() as client:
        found = client.tokens.list(account=account)
    if output.json:
        as_json([token.raw for token in found])
    else:
        _print(found, output)
    return 0


def create(
    *,
    account: OfAccount = None,
    name: Annotated[str, option("name", help="What it is for, for people.")] = "",
    scope: Annotated[tuple[str, ...], option("scope", help="Only for this, as `see`, `submit`; may be repeated.")] = (),
    expires_in: Annotated[
        float | None, option("expires-in", metavar="TIME", converter=seconds, help="90d unless given; 365d at most.")
    ] = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Make a token; its text is printed here and never again."""
    with server.connected() as client:
        made = client.tokens.create(account=account, name=name, scopes=scope or None, expires_in=expires_in)
    return _shown_once(made, output)


def rotate(
    token_id: str,
    /,
    *,
    grace: Annotated[
        float | None, option("grace", metavar="TIME", converter=seconds, help="How long the old one stays good: 1h.")
    ] = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Put a successor in the place of a token; its text is printed here and never again.

    Parameters
    ----------
    token_id
        The id of the old one, which `runyard token list` shows.
    """
    with server.connected() as client:
        made = client.tokens.rotate(token_id, grace=grace)
    return _shown_once(made, output)


def revoke(token_id: str, /, *, server: Server = HERE) -> int:
    """Make a token good no more, everywhere, within five seconds.

    Parameters
    ----------
    token_id
        Its id, which `runyard token list` shows.
    """
    with server.connected() as client:
        client.tokens.revoke(token_id)
    return 0


def _shown_once(token: Token, output: Output) -> int:
    if output.json:
        as_json(token.raw)
    else:
        print(token.text)
        if sys.stderr.isatty() and not output.quiet:
            note(f"token {token.id} of {token.account}; keep it: it is not shown again")
    return 0


def _print(tokens: Iterable[Token], output: Output) -> None:
    now = datetime.now(UTC)
    if output.quiet:
        for token in tokens:
            print(token.id)
    elif sys.stdout.isatty():
        rows = [
            (
                token.id,
                token.account,
                plain(token.name),
                "all" if token.scopes is None else " ".join(token.scopes),
                _state(token, now),
                f"{span((now - token.last_used_at).total_seconds())} ago" if token.last_used_at else "never",
            )
            for token in tokens
        ]
        table(("ID", "ACCOUNT", "NAME", "FOR", "GOOD", "USED"), rows, output)
    else:
        for token in tokens:
            scopes = "all" if token.scopes is None else ",".join(token.scopes)
            tabbed((token.id, token.account, token.name, scopes, _state(token, now)))


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "expired" if token.expires_at <= now else f"for {span((token.expires_at - now).total_seconds())}"
