"""`runyard` on a machine that knows no name while there is a file `no-names` beside its folder. All else is real."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

from runyard.entrypoints.cli import main

_known = socket.getaddrinfo


def _asked(*args: Any, **more: Any) -> Any:
    if Path(os.environ["RUNYARD_AGENT_DIR"]).with_name("no-names").exists():
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _known(*args, **more)


if __name__ == "__main__":
    socket.getaddrinfo = _asked
    sys.exit(main())
