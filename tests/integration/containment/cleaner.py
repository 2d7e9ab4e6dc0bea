"""Empties and removes a pids cgroup when its input closes, or after two minutes: `python cleaner.py CGROUP`."""

import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

cgroup = Path(sys.argv[1])
select.select([0], [], [], 120)
(cgroup / "pids.max").write_text("0", encoding="ascii")
until = time.monotonic() + 30
while time.monotonic() < until:
    for pid in (cgroup / "cgroup.procs").read_text(encoding="ascii").split():
        with suppress(OSError):
            os.kill(int(pid), signal.SIGKILL)
    try:
        cgroup.rmdir()
        break
    except OSError:
        time.sleep(0.02)
