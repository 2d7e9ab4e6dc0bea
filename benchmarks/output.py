"""How fast output gets from a process into the store, beside a plain pipe into a file."""

import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path

from runyard.entrypoints.library import embedded

from .table import show

MEGABYTES = int(os.environ.get("RUNYARD_BENCH_MEGABYTES", "100"))


def main() -> None:
    script = f"yes 0123456789abcdefghijklmnopqrstuvwxyz | head -c {MEGABYTES}000000"
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run(["/bin/sh", "-c", f"{script} | cat > {Path(folder) / 'out'}"], check=True)
        rates = {"pipe into a file": MEGABYTES / (time.perf_counter() - begun)}
    with embedded() as yard:
        yard.wait(yard.submit(["true"]))
        begun = time.perf_counter()
        job = yard.submit(script)
        yard.wait(job)
        rates["job into the store"] = MEGABYTES / (time.perf_counter() - begun)
        for number in range(10):
            yard.secrets.set(f"s{number}", secrets.token_urlsafe(30))
        begun = time.perf_counter()
        yard.wait(yard.submit(script, secrets={f"S{number}": f"s{number}" for number in range(10)}))
        rates["the same with ten secrets"] = MEGABYTES / (time.perf_counter() - begun)
        begun = time.perf_counter()
        size = sum(map(len, yard.logs(job)))
        rates["store to a reader"] = size / 1e6 / (time.perf_counter() - begun)
    show("MB/s", rates)
