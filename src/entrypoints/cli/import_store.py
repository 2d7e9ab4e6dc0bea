"""Import a store."""

from pathlib import Path
from typing import Annotated

from .options import PLAIN, Output, option
from .saying import plain
from .server_side import main_of


def import_store(
    file: Path,
    /,
    *,
    data_dir: Annotated[Path | None, option("data-dir", help="Where the data is; else the XDG state folder.")] = None,
    output: Output = PLAIN,
) -> int:
    """Read a file that `runyard export` made into an empty store.

    Parameters
    ----------
    file
        The file to read.
    """
    load = main_of("moving", "import_store")
    return load(file=file, data_dir=data_dir, json=output.json, tell=lambda line: print(plain(line)))
