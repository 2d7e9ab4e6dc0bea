"""Where an agent keeps what it needs: its token, which process it is, and the supervisor of what it runs."""

import fcntl
import hashlib
import json
import os
import platform
import secrets
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any, Final

from ...domain.errors import Refusal, RunyardError
from ...domain.runners.ids import DriverId
from ..client.address import presentable
from ..discovery import home_folder

_TOKEN: Final = "token"  # noqa: S105 - the name of a file
_PRIVATE: Final = 0o600
_LOOKS: Final = 50
_LOOK_SECONDS: Final = 0.01


class AgentRunsAlready(RunyardError):
    """Another process of this account is the agent of this folder."""

    refusal = Refusal.CONFLICT
    code = "agent-runs-already"

    def __init__(self, folder: Path, pid: int | None) -> None:
        super().__init__(f"an agent runs already in {folder} (process {pid or 'unknown'}); stop it, or choose --dir")


class NotRegistered(RunyardError):
    """There is no token here."""

    refusal = Refusal.UNAUTHENTICATED
    code = "not-registered"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no machine is registered in {folder}; do so with `runyard agent register --url URL`")


def default_folder() -> Path:
    """The folder of this account's agent, unless another is named."""
    named = os.environ.get("RUNYARD_AGENT_DIR")
    if named:
        return Path(named).expanduser()
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else home_folder() / ".local" / "state") / "runyard-agent"


class Home:
    """A folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._lock: int | None = None

    def made(self) -> "Home":
        """The same, there for certain and nobody else's to read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        return self

    @property
    def supervisor(self) -> Path:
        """Where the supervisor lives."""
        return self.folder / "host"

    def lock(self) -> None:
        """Be the one agent here, or `AgentRunsAlready`. The system gives it back when the process is gone."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        if not self._locked(descriptor):
            os.close(descriptor)
            raise AgentRunsAlready(self.folder, self.pid())
        with suppress(OSError):  # a full disk; it is a courtesy to whoever asks
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor

    def _locked(self, descriptor: int) -> bool:
        """Whether it is ours now. Whoever asks which process has it, has it for that moment, and is waited for."""
        for _ in range(_LOOKS):
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if self.pid() is not None:
                return False
            sleep(_LOOK_SECONDS)
        return False

    def pid(self) -> int | None:
        """The process that is the agent here; None if there is none."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            told = os.pread(descriptor, 32, 0)
            return int(told) if told.isdigit() else None
        finally:
            os.close(descriptor)
        return None

    def driver(self) -> DriverId:
        """The same after each restart here, and another one wherever this folder was copied to."""
        identity = self.folder / "identity"
        if not identity.exists():
            _keep(identity, secrets.token_hex(16))
        machine = [_first_line("/etc/machine-id"), platform.node(), str(self.folder.stat().st_ino)]
        digest = hashlib.sha256("\n".join([identity.read_text(), *machine]).encode()).hexdigest()[:16]
        return DriverId(f"agent:{platform.node()}:{digest}")

    def token(self) -> str:
        """What to come with, or `NotRegistered`."""
        try:
            text = (self.folder / _TOKEN).read_text().strip()
        except (FileNotFoundError, UnicodeDecodeError):
            raise NotRegistered(self.folder) from None
        if not presentable(text):
            raise NotRegistered(self.folder)
        return text

    def keep_token(self, text: str) -> None:
        """Come with this one from now on. It is on the disk when this returns."""
        _keep(self.folder / _TOKEN, text)

    def tell(self, **what: Any) -> None:
        """Say how things stand, to whoever asks on this machine; a disk that is full is no reason to fail."""
        with suppress(OSError):
            _keep(self.folder / "status.json", json.dumps(what), durable=False)

    def told(self) -> dict[str, Any]:
        """What was said last."""
        try:
            said: dict[str, Any] = json.loads((self.folder / "status.json").read_text())
        except (OSError, ValueError):
            return {}
        return said


def _keep(file: Path, text: str, *, durable: bool = True) -> None:
    """All of it or nothing, for this account alone."""
    new = file.with_name(f"{file.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
    with os.fdopen(descriptor, "w") as writing:
        writing.write(text)
        writing.flush()
        if durable:
            os.fsync(descriptor)
    new.replace(file)
    if durable:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(folder)
        os.close(folder)


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
