"""The file with the keys of an installation: one on each line, in base64, the newest first."""

import base64
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

from ...domain.secrets.sealing import KeysNotOurs, SealingKeyUnavailable

VARIABLE: Final = "RUNYARD_SECRET_KEY_FILE"
KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAKE: Final = "make a key with `openssl rand -base64 32`, in a file of mode 0600"

Keys = Mapping[str, bytes]
"""Keys by their ids, newest first."""


class KeyFile:
    """Reads the file again when it changed, so that a rotation needs no restart.

    `ours`: the file of an embedded server, which makes it when something is first to be sealed.
    """

    def __init__(self, path: Path | None, *, ours: bool = False) -> None:
        self._path = path
        self._ours = ours
        self._lock = Lock()
        self._seen: tuple[int, ...] = ()
        self._keys: Keys = {}

    def __repr__(self) -> str:
        return f"KeyFile({str(self._path)!r})"

    def read(self, *, make: bool = False) -> Keys:
        """The keys, or `SealingKeyUnavailable`; one is made if there is no file and it may be made."""
        if self._path is None:
            raise SealingKeyUnavailable(f"{VARIABLE} is not set, so nothing can be sealed or opened: {_MAKE}")
        with self._lock:
            if make and self._ours and not self._path.exists():
                self._write(self._path, [_fresh()])
            return self._read(self._path)

    def check(self) -> None:
        """Does nothing if there is nothing to say against the file there is; at start that is sooner than later."""
        if self._path is not None and (not self._ours or self._path.exists()):
            self.read()

    def add(self) -> str:
        """A new key before the others; its id. `KeysNotOurs` if the file was given to us."""
        if self._path is None or not self._ours:
            where = f"{self._path} ({VARIABLE})" if self._path else VARIABLE
            raise KeysNotOurs(f"the keys are yours: write a new one into the first line of {where} on every host")
        with self._lock:
            kept = self._read(self._path) if self._path.exists() else {}
            new = _fresh()
            self._write(self._path, [new, *kept.values()])
        return key_id(new)

    def missing(self, key: str) -> SealingKeyUnavailable:
        """What to say when something needs a key that is not here."""
        where = f"{self._path} ({VARIABLE})" if self._path else VARIABLE
        return SealingKeyUnavailable(f"it is sealed under the key {key}, which is not in {where}; put that key back")

    def _read(self, path: Path) -> Keys:
        try:
            with path.open("rb") as file:
                facts = os.fstat(file.fileno())
                seen = (facts.st_ino, facts.st_mtime_ns, facts.st_size, facts.st_mode)
                if seen == self._seen:
                    return self._keys
                if facts.st_mode & _OTHERS:
                    raise SealingKeyUnavailable(f"others may read {path} ({VARIABLE}); chmod 600, and rotate the keys")
                text = file.read(1 << 20)
        except OSError as error:
            raise SealingKeyUnavailable(f"{path} ({VARIABLE}) cannot be read: {error.strerror}; {_MAKE}") from error
        self._keys, self._seen = _parsed(text, path), seen
        return self._keys

    def _write(self, path: Path, keys: list[bytes]) -> None:
        """All of it or nothing; of several who make one at once, the last one's counts, before anything is sealed."""
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            _sync(path.parent)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink()
            raise SealingKeyUnavailable(f"{path} ({VARIABLE}) cannot be written: {error.strerror}") from error


def key_id(key: bytes) -> str:
    """What a key is called; it says nothing of the key."""
    return sha256(b"runyard sealing key\0" + key).hexdigest()[:16]


def _fresh() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _parsed(text: bytes, path: Path) -> Keys:
    keys = {}
    for number, line in enumerate(text.splitlines(), 1):
        written = line.partition(b"#")[0].strip()
        if written:
            key = _decoded(written)
            if len(key) != KEY_BYTES:
                raise SealingKeyUnavailable(
                    f"line {number} of {path} ({VARIABLE}) is no key: {KEY_BYTES} bytes in base64; {_MAKE}"
                )
            keys[key_id(key)] = key
    if not keys:
        raise SealingKeyUnavailable(f"{path} ({VARIABLE}) holds no key; {_MAKE}")
    return keys


def _decoded(written: bytes) -> bytes:
    try:
        return base64.b64decode(written.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except ValueError:
        return b""


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
