"""Plays a supervisor with a guard: `python guarded.py DIRECTORY LEVEL KILL_AFTER|- ARGV...`.

Spawns one attempt, says "started GUARD_PID", beats until it is killed, or told to "leave".
"""

import os
import signal
import struct
import sys
import threading
import time

from runyard.adapters.supervised.program.contain import choose
from runyard.adapters.supervised.program.live import Live
from runyard.adapters.supervised.program.timers import boottime_ns

KEY = "018f6f9e-0000-7000-8000-000000000001/1"
GUARD = "import sys; from runyard.adapters.supervised.program.guard import main; main(sys.argv[1])"


def main() -> None:
    signal.alarm(110)
    directory, name, kill_after, *argv = sys.argv[1:]
    level = choose(directory, name)
    live = Live(directory, level.name)
    live.take(KEY)
    level.enter(KEY)
    pid = os.posix_spawn(argv[0], argv, os.environ, setsid=True)
    level.home()
    level.started(KEY, pid)
    live.started(KEY, pid)
    if kill_after != "-":
        at = boottime_ns() + int(float(kill_after) * 1e9)
        struct.pack_into("<Q", live._slots, live._taken[KEY] * 128 + 24, at)
    guard = os.posix_spawn(sys.executable, [sys.executable, "-c", GUARD, directory], os.environ, setsid=True)
    level.spare(guard)
    print("started", guard, pid, flush=True)
    threading.Thread(target=obey, args=(live,), daemon=True).start()
    while True:
        os.waitpid(-1, os.WNOHANG)
        live.beat()
        time.sleep(0.2)


def obey(live: Live) -> None:
    for word in sys.stdin:
        if word == "leave\n":
            live.leave()
            os._exit(0)


if __name__ == "__main__":
    main()
