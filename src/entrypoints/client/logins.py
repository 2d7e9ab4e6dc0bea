"""The tokens that this account has logged in with: one per server, in a file that nobody else can read."""

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..discovery import home_folder

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def logins_path() -> Path:
    """Where the file is, or would be."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    parent = Path(configured) if configured.startswith("/") else home_folder() / ".config"
    return parent / "runyard" / "logins.json"


def token_for(url: str) -> str | None:
    """The token for this server, or None."""
    return read_logins().get(url.rstrip("/"))


def read_logins() -> Mapping[str, str]:
    """All of them by address; none, if the file is not ours alone, or not understood."""
    try:
        with logins_path().open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS:
                return {}
            found = json.loads(file.read())
    except (OSError, ValueError):
        return {}
    return {str(url): str(token) for url, token in found.items()} if isinstance(found, dict) else {}


def keep_login(url: str, token: str) -> Path:
    """Keep the token in place of the one there was."""
    return _write({**read_logins(), url.rstrip("/"): token})


def forget_login(url: str) -> bool:
    """Drop it; whether there was one."""
    kept = dict(read_logins())
    if kept.pop(url.rstrip("/"), None) is None:
        return False
    _write(kept)
    return True


def _write(logins: Mapping[str, str]) -> Path:
    path = logins_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".logins-")  # of mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(logins, file)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return path
