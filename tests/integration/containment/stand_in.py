"""Plays the supervisor over `contain`: `python stand_in.py DIRECTORY LEVEL`, one JSON line in, one JSON line out.

In: {"victim": argv, "ready": file, "settle": seconds, "bystanders": [[argv, file], ...]}. The victim and the bystanders
are started, the victim is killed step by step, and then the line out says how that went; the bystanders are killed when
the standard input closes.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from runyard.adapters.supervised.program.contain import Level, choose

BOOK = "018f6f9e-0000-7000-8000-00000000000"
VICTIM = BOOK + "1/1"


def reap(level: Level) -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        level.reaped(pid)


def spawn(level: Level, key: str, argv: list[str]) -> None:
    level.enter(key)
    pid = os.posix_spawn(argv[0], argv, {**os.environ, **level.env(key)}, setsid=True)
    level.started(key, pid)


def wait_for(level: Level, path: str, settle: float) -> None:
    until = time.monotonic() + 60
    ready_at = 0.0
    while not ready_at or time.monotonic() < ready_at + settle:
        reap(level)
        if not ready_at and Path(path).exists():
            ready_at = time.monotonic()
        if time.monotonic() > until:
            raise TimeoutError(path)
        time.sleep(0.005)


def end(level: Level, key: str) -> dict[str, object]:
    began = time.monotonic()
    longest, steps = 0.0, 0
    while True:
        step = time.thread_time()  # a bomb may take the processor away in the middle of a step
        answer = level.kill(key)
        longest = max(longest, time.thread_time() - step)
        steps += 1
        if answer is not False:
            break
        reap(level)
        time.sleep(0.002)
    took = time.monotonic() - began
    reap(level)
    return {"answer": answer, "ms": took * 1000, "longest_ms": longest * 1000, "steps": steps}


def main() -> None:
    signal.alarm(100)
    level = choose(sys.argv[1], sys.argv[2])
    order = json.loads(sys.stdin.readline())
    if "try" in order:
        return
    keys = [f"{BOOK}{number}/1" for number in range(2, 2 + len(order["bystanders"]))]
    for key, (argv, _) in zip(keys, order["bystanders"], strict=True):
        spawn(level, key, argv)
    spawn(level, VICTIM, order["victim"])
    level.home()
    for _, ready in order["bystanders"]:
        wait_for(level, ready, 0)
    wait_for(level, order["ready"], order["settle"])
    print(json.dumps({"level": level.name, **end(level, VICTIM)}), flush=True)
    sys.stdin.read()
    print(json.dumps([end(level, key)["answer"] for key in keys]), flush=True)


if __name__ == "__main__":
    main()
