"""Private keys as they are given: in a file, or as text. What they hold is never repeated."""

import os
import stat
from io import StringIO
from pathlib import Path
from typing import Final

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_CLASSES: Final = (
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (rsa.RSAPrivateKey, paramiko.RSAKey),
)
_WITHOUT: Final = "use an ssh-agent, or a key without one (`ssh-keygen -p` takes it from a copy)"


class KeyUnusable(Exception):
    """Why a private key cannot be used; nothing of the key is in it."""


def key_in_file(path: Path) -> paramiko.PKey:
    """Like ssh itself we use no key that others can read."""
    try:
        found = path.stat()
        if found.st_mode & _OTHERS and found.st_uid == os.geteuid():
            raise KeyUnusable(f"others may read the private key {path}; chmod 600 it")
        text = path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"the private key {path} cannot be read here: {error.strerror}") from None
    return _key(text, str(path), f"the private key {path}")


def key_in(text: str) -> paramiko.PKey:
    """The same from its text: in OpenSSH's form, or PEM."""
    return _key(text.encode(), "what was given", "the private key")


def _key(text: bytes, what: str, this_key: str) -> paramiko.PKey:
    try:
        loaded = _loaded(text)
        for kind, made in _CLASSES:
            if isinstance(loaded, kind):
                return made.from_private_key(StringIO(text.decode("ascii")))
    except (paramiko.PasswordRequiredException, TypeError):
        raise KeyUnusable(f"{this_key} has a passphrase; {_WITHOUT}") from None
    except (paramiko.SSHException, UnsupportedAlgorithm, ValueError, IndexError):
        pass
    raise KeyUnusable(f"{what} is no private key that can be used")


def _loaded(text: bytes) -> object:
    try:
        return serialization.load_ssh_private_key(text, None)
    except ValueError:
        return serialization.load_pem_private_key(text, None)
