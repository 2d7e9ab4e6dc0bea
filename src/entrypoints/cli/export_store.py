"""Export a store."""

from pathlib import Path
from typing import Annotated

from .options import PLAIN, Output, option
from .saying import plain
from .server_side import main_of


def export_store(
    file: Path,
    /,
    *,
    data_dir: Annotated[Path | None, option("data-dir", help="Where the data is; else the XDG state folder.")] = None,
    output: Output = PLAIN,
) -> int:
    """Write everything in the store into a file.

    Parameters
    ----------
    file
        The file to make; it must not be there yet.
    """
    export = main_of("moving", "export_store")
    return export(file=file, data_dir=data_dir, json=output.json, tell=lambda line: print(plain(line)))
