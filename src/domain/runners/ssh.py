"""Where a runner of kind `ssh` is, who logs in there and how, and which host it must be."""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Self

from ..errors import FieldProblem
from ..labels import text_problems
from .errors import InvalidRunner
from .logins import KeptKind, KeptLogin

WORK_ROOT: Final = "~/.runyard"
MAX_HOST_KEYS: Final = 8
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,15})?")
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}\$?")
_KEY_TYPE: Final = re.compile(r"(?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,60}")


@dataclass(frozen=True, slots=True)
class HostKey:
    """The public key by which a host proves that it is itself; `data` is what stands in `known_hosts`, in base64."""

    type: str
    data: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `ssh-ed25519 AAAA…`, with or without a host name before and a comment after; else `ValueError`."""
        words = text.split()
        for kind, data in pairwise(words):
            if _KEY_TYPE.fullmatch(kind) and _names(kind, data):
                return cls(kind, data)
        raise ValueError("is no public key; it looks like `ssh-ed25519 AAAA…`, as in /etc/ssh/ssh_host_*_key.pub")

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        digest = hashlib.sha256(base64.b64decode(self.data)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    def __str__(self) -> str:
        """Which key this is, for people."""
        return f"{self.type} {self.fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SshLogin:
    """How we log in: by the private key in a file beside every process that drives the runner, by its ssh-agent, or
    with what is kept sealed in the store, of which this is all that may be known.
    """

    key_file: str | None = None
    agent: bool = False
    kept: KeptLogin | None = None

    @property
    def told(self) -> str:
        """What it is, for people."""
        if self.kept is not None:
            return self.kept.told
        return "the ssh-agent" if self.key_file is None else self.key_file


@dataclass(frozen=True, slots=True, kw_only=True)
class SshTarget:
    """An account on a host. `host_keys` are the only ones it is believed to have; two during a rotation.

    Everything Runyard keeps there is below `work_root`. Else `InvalidRunner`.
    """

    host: str
    user: str
    login: SshLogin
    host_keys: tuple[HostKey, ...]
    port: int = 22
    work_root: str = WORK_ROOT

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidRunner(problems)

    def edited(self, changes: Mapping[str, Any]) -> Self:
        """With other values. A password that is kept is never shown to another host than the one it was given for."""
        after = replace(self, **changes)
        before_kept, kept = self.login.kept, after.login.kept
        if "login" in changes:
            return after if kept is None else replace(after, login=replace(after.login, kept=kept.after(before_kept)))
        elsewhere = (after.host, after.port, after.host_keys) != (self.host, self.port, self.host_keys)
        if elsewhere and kept is not None and kept.kind is KeptKind.PASSWORD:
            told = "give the password again: it was kept for the host as it was, and would be shown to another one"
            raise InvalidRunner([FieldProblem("/key", told)])
        return after

    @property
    def address(self) -> str:
        """For people."""
        return f"{self.user}@{self.host}" + (f" (port {self.port})" if self.port != 22 else "")


def address_problems(host: str, port: int) -> Iterator[FieldProblem]:
    """What keeps this from being an address."""
    if not _HOST.fullmatch(host):
        yield FieldProblem("/host", "must be a host name or an IP address")
    if not 1 <= port <= 65_535:
        yield FieldProblem("/port", "must be from 1 to 65535")


def _problems(target: SshTarget) -> Iterator[FieldProblem]:
    yield from address_problems(target.host, target.port)
    if not _USER.fullmatch(target.user):
        yield FieldProblem("/user", "must be the name of an account")
    if [target.login.key_file is not None, target.login.agent, target.login.kept is not None].count(True) != 1:
        told = 'must be one of {"file": "/path/of/the/private/key"}, {"agent": true} and {"private": "-----BEGIN …"}'
        yield FieldProblem("/key", f'{told}, or {{"password": "…"}} where that is allowed')
    if target.login.key_file is not None:
        yield from text_problems("/key/file", target.login.key_file, most=4095)
        if not target.login.key_file.startswith("/"):
            yield FieldProblem("/key/file", "must be an absolute path, on every machine that drives the runner")
    if not 1 <= len(target.host_keys) <= MAX_HOST_KEYS:
        yield FieldProblem("/host_keys", f"must be 1 to {MAX_HOST_KEYS} public keys of the host")
    yield from text_problems("/work_root", target.work_root, most=200)
    if not target.work_root.startswith(("/", "~/")):
        yield FieldProblem("/work_root", "must begin with / or ~/")


def _names(kind: str, data: str) -> bool:
    """Whether the key says of itself that it is of this type."""
    try:
        blob = base64.b64decode(data, validate=True)
        (length,) = struct.unpack_from(">I", blob)
        return blob[4 : 4 + length] == kind.encode() and len(blob) > 4 + length
    except (binascii.Error, ValueError, struct.error):
        return False
