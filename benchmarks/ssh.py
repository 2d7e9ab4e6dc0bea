"""Jobs and output over SSH to a server of our own on loopback, beside a resident shell and beside the OpenSSH client.

`RUNYARD_BENCH_JOBS` sets how many jobs, `RUNYARD_BENCH_MEGABYTES` how much output.
"""

import os
import resource
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from runyard.adapters.supervised.ssh.dialing import dial
from runyard.entrypoints.client.fields import JobRequest
from runyard.entrypoints.library import Yard, embedded
from tests.integration.server import until
from tests.ssh.far_yard import end_supervisors
from tests.ssh.sshd import Sshd, SshdUnavailable, keygen, new_account, own_account, remove_account

from .table import show

JOBS = int(os.environ.get("RUNYARD_BENCH_JOBS", "4000"))
MEGABYTES = int(os.environ.get("RUNYARD_BENCH_MEGABYTES", "200"))
AT_ONCE = 8
SLOTS = 64


def main() -> None:
    try:
        with _host() as sshd:
            show("jobs/s", {"resident shell over paramiko": _shell(sshd), **_jobs(sshd)})
            show("MB/s", _output(sshd))
    except SshdUnavailable as missing:
        print(f"no sshd: {missing}")


@contextmanager
def _host() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="runyard-ssh-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        root, home = os.geteuid() == 0, folder / "home"
        account = new_account(f"ry{secrets.token_hex(4)}", home) if root else own_account(home)
        sshd = Sshd(folder / "sshd", account, keygen(folder / "key"))
        try:
            sshd.start()
            yield sshd
        finally:
            end_supervisors(sshd)
            sshd.close()
            if root:
                remove_account(account)


def _shell(sshd: Sshd) -> float:
    transport = dial(sshd.target())
    channel = transport.open_session()
    channel.exec_command("exec sh")
    begun = time.perf_counter()
    for _ in range(JOBS):
        channel.sendall(b"/bin/true; echo $?\n")
        while not channel.recv(64).endswith(b"\n"):
            pass
    rate = JOBS / (time.perf_counter() - begun)
    transport.close()
    return rate


def _jobs(sshd: Sshd) -> dict[str, float]:
    return {"OpenSSH, shared master, 8 at once": _master(sshd), "whole path, SQLite": _whole_path(sshd)}


def _openssh(sshd: Sshd) -> list[str]:
    known = sshd.folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {sshd.host_key.type} {sshd.host_key.data}\n")
    options = {"UserKnownHostsFile": known, "IdentityFile": sshd.client_key, "BatchMode": "yes", "LogLevel": "ERROR"}
    told = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["ssh", "-F", "none", *told, "-p", str(sshd.port), f"{sshd.account.name}@127.0.0.1"]


def _master(sshd: Sshd) -> float:
    control = str(sshd.folder / "control")
    base = _openssh(sshd)
    master = subprocess.Popen([*base[:1], "-M", "-N", "-S", control, *base[1:]], stdin=subprocess.DEVNULL)
    try:
        until(lambda: Path(control).exists())
        count = max(AT_ONCE, JOBS // 10)

        def one(_: int) -> None:
            subprocess.run([*base[:1], "-S", control, *base[1:], "/bin/true"], check=True, stdin=subprocess.DEVNULL)

        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, range(count)))
        return count / (time.perf_counter() - begun)
    finally:
        master.terminate()
        master.wait()


@contextmanager
def _yard(sshd: Sshd) -> Iterator[Yard]:
    with embedded() as yard:
        yard.runners.add_ssh(
            "far",
            host="127.0.0.1",
            port=sshd.port,
            user=sshd.account.name,
            host_keys=[f"{sshd.host_key.type} {sshd.host_key.data}"],
            key={"file": str(sshd.client_key)},
            slots=SLOTS,
        )
        yard.wait(yard.submit(["true"], placement={"runner": "far"}))
        yield yard


def _whole_path(sshd: Sshd) -> float:
    job: JobRequest = {"command": ["/bin/true"], "placement": {"runner": "far"}}
    with _yard(sshd) as yard:
        begun = time.perf_counter()
        *_, last = yard.submit_many([job] * JOBS)
        yard.wait(last.id or "")  # looking at the list all the time would take a fifth of a core from what is measured
        while any(yard.list(state=["queued", "claimed", "running"], limit=1)):
            time.sleep(0.02)
        return JOBS / (time.perf_counter() - begun)


def _output(sshd: Sshd) -> dict[str, float]:
    script = f"yes 0123456789abcdefghijklmnopqrstuvwxyz | head -c {MEGABYTES}000000"
    with (sshd.folder / "out").open("wb") as out:
        begun = time.perf_counter()
        subprocess.run([*_openssh(sshd), script], check=True, stdin=subprocess.DEVNULL, stdout=out)
        rates = {"OpenSSH client into a file": MEGABYTES / (time.perf_counter() - begun)}
    with _yard(sshd) as yard:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        job = yard.wait(yard.submit(script, placement={"runner": "far"}, log_limit={"bytes": MEGABYTES << 20}))
        rates["job into the store"] = MEGABYTES / (time.perf_counter() - begun)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{job.state}; memory: {grown >> 10} MiB more at the peak than before the output")
    return rates
