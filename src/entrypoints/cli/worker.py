"""Do what goes on behind the doors."""

from pathlib import Path
from typing import Annotated

from .options import flag, option
from .server_side import main_of


def worker(
    *,
    local: Annotated[bool, flag("local", help="Run jobs on this host, as a runner of its own.")] = False,
    name: Annotated[
        str | None, option("name", help="The runner's name; else the host's. [env: RUNYARD_RUNNER_NAME]")
    ] = None,
    slots: Annotated[
        int | None, option("slots", help="How many jobs at once; else one per core. [env: RUNYARD_SLOTS]")
    ] = None,
    data_dir: Annotated[Path | None, option("data-dir", help="Where supervisors live. [env: RUNYARD_DATA_DIR]")] = None,
    json: Annotated[bool, flag("json", help="Say that it works in one line of JSON.")] = False,
) -> int:
    """Work."""
    return main_of("work")(data_dir=data_dir, local=local, name=name, slots=slots, json=json)
