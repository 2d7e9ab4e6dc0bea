"""Back up a store, and restore it."""

from pathlib import Path
from typing import Annotated

from .options import option
from .saying import plain
from .server_side import main_of

_DATA_DIR = option("data-dir", help="Where the data is; else the XDG state folder.")


def backup(file: Path, /, *, data_dir: Annotated[Path | None, _DATA_DIR] = None) -> int:
    """Copy the store of an embedded server.

    Parameters
    ----------
    file
        The file to make; it must not be there yet.
    """
    return main_of("backup", "back_up")(file=file, data_dir=data_dir, tell=_tell)


def restore(file: Path | None = None, /, *, data_dir: Annotated[Path | None, _DATA_DIR] = None) -> int:
    """Put a backup in place, or tell a database that it was restored.

    Parameters
    ----------
    file
        What `runyard backup` made; none for PostgreSQL.
    """
    return main_of("backup", "restore")(file=file, data_dir=data_dir, tell=_tell)


def _tell(line: str) -> None:
    print(plain(line))
