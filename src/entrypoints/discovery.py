"""Where the running server of this account says how to reach it. Both sides use this file; standard library only."""

import json
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from errno import ENOENT
from pathlib import Path
from typing import Final

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a client needs to reach the server, and the process that serves. `certificate` is a file: what it shows."""

    url: str
    token_file: str
    data_dir: str
    pid: int
    certificate: str | None = None


def state_directory() -> Path:
    """Where Runyard keeps what must last, unless told otherwise. It may not exist yet."""
    configured = os.environ.get("XDG_STATE_HOME", "")
    parent = Path(configured) if configured.startswith("/") else home_folder() / ".local" / "state"
    return parent / "runyard"


def home_folder() -> Path:
    """That of this account, or `FileNotFoundError`: a container may run as a number that nobody has heard of."""
    try:
        return Path.home()
    except RuntimeError:
        raise FileNotFoundError(ENOENT, "this account has no home folder; set HOME") from None


def discovery_path() -> Path:
    """Where the file is, or would be: in the runtime folder if the account has one, else in the state folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and _is_own_folder(Path(runtime)):
        return Path(runtime) / "runyard" / "server.json"
    return state_directory() / "server.json"


def read_discovery() -> Discovery | None:
    """What the server wrote, or None: no file, not ours, open to others' changes, or not understood."""
    try:
        with discovery_path().open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_MAY_WRITE:
                return None
            said = json.loads(file.read())
        return Discovery(
            url=str(said["url"]),
            token_file=str(said["token_file"]),
            data_dir=str(said["data_dir"]),
            pid=int(said["pid"]),
            certificate=said.get("certificate"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_discovery(discovery: Discovery) -> Path:
    """Replace the file at once, readable by this account alone."""
    path = discovery_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".server-")
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(discovery), file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def remove_discovery(pid: int) -> None:
    """Take the file away if it is still the one this process wrote."""
    found = read_discovery()
    if found is not None and found.pid == pid:
        with suppress(OSError):
            discovery_path().unlink()


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
