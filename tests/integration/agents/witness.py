"""What jobs of these tests do: they write down when they live, and end when there has been enough."""

import os
import signal
import sys
import time
from pathlib import Path

_EVERY_SECONDS = 0.02
_TICK = os.sysconf("SC_CLK_TCK")
_START_TIME = 19
"""Of the fields of `/proc/self/stat` behind the name."""


def _began() -> float:
    """When this process was started; at most a tick too early."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(fields[_START_TIME]) / _TICK


def main(folder: Path, *, stubborn: bool) -> None:
    """Who is `stubborn` does not end when asked to, and has a child that left its session."""
    began = _began()
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
    name = f"{os.environ['RUNYARD_JOB_ID']}-{os.environ['RUNYARD_ATTEMPT']}-{os.getpid()}"
    with (folder / name).open("w", buffering=1) as file:
        print(began, file=file)
        while not (folder / "enough").exists():
            print(time.time(), file=file)
            time.sleep(_EVERY_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), stubborn="stubborn" in sys.argv)
