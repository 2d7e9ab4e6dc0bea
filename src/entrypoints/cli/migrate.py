"""Prepare the database for this version."""

from pathlib import Path
from typing import Annotated

from .options import option
from .server_side import main_of


def migrate(
    *,
    data_dir: Annotated[
        Path | None, option("data-dir", help="Where the admin token is. [env: RUNYARD_DATA_DIR]")
    ] = None,
) -> int:
    """Bring the schema up to date."""
    return main_of("migrate")(data_dir=data_dir)
