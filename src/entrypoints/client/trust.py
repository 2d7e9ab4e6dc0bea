"""Whom to believe that he is the server."""

import re
import ssl
from pathlib import Path
from typing import Final

from .errors import RunyardClientError

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class NotTrusted(RunyardClientError):
    """Whoever answers cannot prove that he is the server, or nobody could."""

    def __init__(self, detail: str) -> None:
        advice = "Name a file with the certificate of its authority: --ca-file or RUNYARD_CA_FILE."
        super().__init__(detail, code="not-trusted", advice=advice)


def first_certificate(file: str) -> str | None:
    """The server's own in a file of certificates; those behind it vouch for others, too. None if there is none."""
    try:
        found = _CERTIFICATE.search(Path(file).read_text())
    except (OSError, UnicodeDecodeError):
        return None
    return found[0] if found else None


def context_of(certificate: str | None, ca_file: str | None) -> ssl.SSLContext | bool:
    """What to check a server against: this very certificate, or these authorities, or those of this machine."""
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # it is known, whatever name it was made for
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=certificate)
        return context
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror if type(error) is not ssl.SSLError else "it holds no certificate"
        raise NotTrusted(f"the file of authorities {ca_file} cannot be used: {why}") from None
