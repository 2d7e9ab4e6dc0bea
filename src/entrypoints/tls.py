"""The certificate a server shows, and how it is replaced while the server runs."""

import ssl
import stat
from pathlib import Path
from typing import Any

from ..domain.errors import Refusal, RunyardError


class WrongCertificate(RunyardError):
    """A certificate or a key that cannot be used."""

    refusal = Refusal.INVALID
    code = "wrong-certificate"


class Certificate:
    """`context` is for the listener, and stays the same one; `renew` reads the files again for all who come later."""

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert, self._key = cert, key
        self.context = self._current = self._read()
        self.context.sni_callback = self._chosen

    def renew(self) -> None:
        """Show what is in the files by now, or `WrongCertificate`, and go on with what there was."""
        self._current = self._read()

    def _chosen(self, connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._current

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        for variable, path in (("RUNYARD_TLS_CERT", self._cert), ("RUNYARD_TLS_KEY", self._key)):
            try:
                path.read_bytes()
            except OSError as error:
                raise WrongCertificate(f"{variable}: {path} cannot be read: {error.strerror}") from None
        try:
            context.load_cert_chain(self._cert, self._key, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            why = str(error) if isinstance(error, EncryptedKey) else "they must be a certificate and its key, both PEM"
            raise WrongCertificate(f"RUNYARD_TLS_CERT, RUNYARD_TLS_KEY: {self._cert}, {self._key}: {why}") from None
        if self._key.stat().st_mode & stat.S_IROTH:
            raise WrongCertificate(f"RUNYARD_TLS_KEY: every account here may read {self._key}; first: chmod o-r")
        return context


class EncryptedKey(ValueError):
    """Nobody is there to be asked for its password."""


def _no_password() -> str:
    raise EncryptedKey("the key is encrypted; give one without a password, readable by this account alone")
