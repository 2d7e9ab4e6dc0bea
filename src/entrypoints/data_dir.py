"""The data directory of a server: nobody else's business. An embedded server has it alone, others share it."""

import fcntl
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..domain.errors import Refusal, RunyardError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
TOKEN_PREFIX: Final = "rya_"  # noqa: S105 - what an admin token begins with, not one


class DataDirInUse(RunyardError):
    """Another process has this data directory."""

    refusal = Refusal.CONFLICT
    code = "data-dir-in-use"

    def __init__(self, path: Path, pid: str) -> None:
        super().__init__(
            f"another Runyard (process {pid or 'unknown'}) uses {path}; stop it, or choose another with --data-dir"
        )


class DataDirUnusable(RunyardError):
    """The data directory cannot be used as it is."""

    refusal = Refusal.INVALID
    code = "data-dir-unusable"


class DataDir:
    """A directory of mode 0700, locked as long as this object is open: alone, or `shared` with others who share."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self.path = path
        self._how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self.token_file = path / "admin.token"
        self._lock = self._locked()

    def close(self) -> None:
        """Unlock it."""
        os.close(self._lock)

    def admin_token(self) -> str:
        """The admin's token; made at the first start, in a file that only this account can read."""
        if not self.token_file.exists():
            self._make_token()
        return self.known_token()

    def known_token(self) -> str:
        """The same, but somebody else must have made it."""
        try:
            token = self.token_file.read_text().strip()
        except FileNotFoundError:
            raise DataDirUnusable(
                f"there is no {self.token_file}: run `runyard migrate` here, or copy the file from where it was run"
            ) from None
        if self.token_file.stat().st_mode & _OTHERS:
            raise DataDirUnusable(f"others may read {self.token_file}; replace the token, then: chmod 600")
        if not token:
            raise DataDirUnusable(f"{self.token_file} is empty; remove it, and the next start makes a new token")
        return token

    def _locked(self) -> int:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_uid != os.geteuid():
                raise DataDirUnusable(f"{self.path} belongs to another account; choose another with --data-dir")
            self._close_to_others()
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirUnusable(f"cannot use {self.path} as data directory: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, self._how | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataDirInUse(self.path, holder) from None
        except OSError as error:
            os.close(descriptor)
            raise DataDirUnusable(f"cannot lock {self.path}: {error.strerror}") from error
        with suppress(OSError):  # a full disk; it is a courtesy to whoever is refused
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor

    def _close_to_others(self) -> None:
        """A folder that was given by mistake, `/tmp` for instance, must not be closed to those who share it."""
        if not self.path.stat().st_mode & _OTHERS:
            return
        inside = {entry.name for entry in self.path.iterdir()} - {"lost+found"}
        if inside and "lock" not in inside:
            raise DataDirUnusable(
                f"{self.path} is open to others and not empty; choose another with --data-dir, or: chmod 700"
            )
        self.path.chmod(0o700)

    def _make_token(self) -> None:
        """Of several who make one at once, the first one's counts."""
        unfinished = self.token_file.with_name(f".admin.token.{secrets.token_hex(8)}")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(TOKEN_PREFIX + secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(unfinished, self.token_file)
        unfinished.unlink()
