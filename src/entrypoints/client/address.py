"""Where the server is, and with which token.

The server: flag, then environment, then the discovery file of one that runs here, then the only one logged in to. The
token: flag, then environment, then a login, then the discovery file.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..discovery import Discovery, read_discovery
from .errors import NotLoggedIn, RunyardClientError, ServerUnreachable
from .logins import read_logins, token_for
from .trust import first_certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server and the right to talk to it. `discovered`: it may move, and the file will say where to.

    Its certificate has to be the very `certificate` that is given, or else one of the authorities in `ca_file`, or
    else one that this machine trusts.
    """

    url: str
    token: str = field(repr=False)
    discovered: bool = False
    certificate: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    @property
    def nearby(self) -> bool:
        """Whether it is on this machine, where no proxy has a say."""
        host = urlsplit(self.url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the caller said about the server, asked again whenever it may have moved."""

    url: str | None = None
    token: str | None = field(default=None, repr=False)
    token_file: str | os.PathLike[str] | None = None
    ca_file: str | os.PathLike[str] | None = None

    def address(self, environment: Mapping[str, str] = os.environ) -> Address:
        """The address as of now; `ServerUnreachable` if none is known, `NotLoggedIn` without a token."""
        found = read_discovery()
        url = _meant(self.url, environment, found)
        ca_file = self.ca_file or environment.get("RUNYARD_CA_FILE") or None
        shown = found.certificate if found and found.url.rstrip("/") == url and not ca_file else None
        return Address(
            url=url,
            token=self._token(url, found, environment),
            discovered=found is not None and not (self.url or environment.get("RUNYARD_URL")),
            certificate=None if shown is None else first_certificate(shown),
            ca_file=None if ca_file is None else os.fspath(ca_file),
        )

    def _token(self, url: str, found: Discovery | None, environment: Mapping[str, str]) -> str:
        if self.token:
            return _plain(self.token, "what was given as a token")
        if self.token_file:
            return _read(self.token_file)
        if token := environment.get("RUNYARD_TOKEN"):
            return _plain(token, "RUNYARD_TOKEN")
        if file := environment.get("RUNYARD_TOKEN_FILE"):
            return _read(file)
        if kept := token_for(url):
            return kept
        if found and found.url.rstrip("/") == url:  # the token of one server is not for another one
            return _read(found.token_file)
        raise NotLoggedIn(f"there is no token for {url}")


def presentable(token: str) -> bool:
    """Whether it can be sent as a token at all."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def address_of(url: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The server that is meant, with a token or without; `ServerUnreachable` if none is known."""
    return _meant(url, environment, read_discovery())


def _meant(url: str | None, environment: Mapping[str, str], found: Discovery | None) -> str:
    named = url or environment.get("RUNYARD_URL") or (found.url if found else None)
    kept = [] if named else sorted(read_logins())
    if len(kept) > 1:
        raise ServerUnreachable(
            f"no server was named, and you are logged in to {len(kept)}: {', '.join(kept)}",
            code="no-server",
            advice="Name one with --url or RUNYARD_URL.",
        )
    return _checked(named or (kept[0] if kept else None))


def _checked(url: str | None) -> str:
    if not url:
        raise ServerUnreachable("no server is running for this account, and none was named", code="no-server")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
        named = parts.username is not None
    except ValueError:
        valid = named = False
    if named:
        raise RunyardClientError(
            "an address with a name or a password in it is of no use: a server goes by tokens",
            code="bad-address",
            advice="Give it as http://HOST:PORT, and a token as `runyard login --help` says.",
            status=400,
        )
    if not valid:
        raise RunyardClientError(
            f"{url!r} is not the address of a server",
            code="bad-address",
            advice="Give it as http://HOST:PORT, with --url or RUNYARD_URL.",
        )
    return url.rstrip("/")


def _read(file: str | os.PathLike[str]) -> str:
    try:
        token = Path(file).expanduser().read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise NotLoggedIn(f"the token file {os.fspath(file)} cannot be read: {why}") from None
    return _plain(token, f"the token file {os.fspath(file)}")


def _plain(said: str, what: str) -> str:
    """The token in it; nothing that it holds is ever repeated."""
    token = said.strip()
    if not presentable(token):
        raise NotLoggedIn(f"{what} holds no token: one is a single line of plain letters")
    return token
