"""A network of its own, and the cable to it, which is in our hands: packet by packet. Only root can have one."""

import fcntl
import os
import select
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Thread

_TUN = Path("/dev/net/tun")
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


class NetworkUnavailable(Exception):
    """No network can be made here; the message says why."""


class Cable:
    """Carries packets both ways. `ours` and `theirs` are its ends; what runs `inside` has no other network."""

    def __init__(self, number: int) -> None:
        pid = os.getpid()
        self.name = f"ry{pid}-{number}"
        self.inside: tuple[str, ...] = ("nsenter", f"--net=/run/netns/{self.name}")
        network = f"10.{64 + (pid >> 8) % 128}.{pid & 255}"  # so that no two who test at once have the same
        self.ours, self.theirs = f"{network}.{4 * number + 1}", f"{network}.{4 * number + 2}"
        self.near, self.far = f"ryn{pid % 100000}-{number}", f"ryf{pid % 100000}-{number}"
        self._there, self._back = True, True
        self._lost, self._bits = 0.0, 0.0
        self._dice = Random(number)  # noqa: S311 - a seed must give the same run again
        self._ends = _tun(self.near), _tun(self.far)
        self._stopped, self._stop = os.pipe()
        self._thread = Thread(target=self._carry, name="cable", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """From now on nothing arrives on either side, and nobody is told."""
        self._there = self._back = False

    def deafen(self) -> None:
        """From now on those inside can speak, and hear nothing."""
        self._there, self._back = False, True

    def plug(self) -> None:
        """All is well again."""
        self._there = self._back = True

    def wear_out(self, *, lost: float, bits_per_second: float) -> None:
        """So many of all packets are lost, and the rest are slow."""
        self._lost, self._bits = lost, bits_per_second

    def close(self) -> None:
        os.write(self._stop, b"\0")
        self._thread.join()
        for each in (*self._ends, self._stopped, self._stop):
            os.close(each)

    def _carry(self) -> None:
        near, far = self._ends
        while True:
            for end in select.select([near, far, self._stopped], [], [])[0]:
                if end == self._stopped:
                    return
                with suppress(OSError):  # one of the ends is not up
                    packet = os.read(end, 1 << 16)
                    if self._passes(packet, self._there if end == near else self._back):
                        os.write(far if end == near else near, packet)

    def _passes(self, packet: bytes, connected: bool) -> bool:
        if self._bits:
            time.sleep(len(packet) * 8 / self._bits)  # the fault itself: the cable is slow
        return connected and self._dice.random() >= self._lost


@contextmanager
def network(number: int) -> Iterator[Cable]:
    """A network for the length of the block."""
    missing = [each for each in ("ip", "nsenter") if shutil.which(each) is None]
    if os.geteuid() != 0 or missing or not _TUN.exists():
        raise NetworkUnavailable(f"only root can make one, with ip of iproute2, nsenter and {_TUN}")
    with ExitStack() as stack:
        try:
            cable = Cable(number)
            stack.callback(cable.close)
            _ip("netns", "add", cable.name)
            stack.callback(subprocess.run, ["ip", "netns", "delete", cable.name], check=False, capture_output=True)
            _ip("link", "set", cable.far, "netns", cable.name)
            _ip("address", "add", cable.ours, "peer", cable.theirs, "dev", cable.near)
            _ip("link", "set", cable.near, "up")
            _ip("-n", cable.name, "address", "add", cable.theirs, "peer", cable.ours, "dev", cable.far)
            _ip("-n", cable.name, "link", "set", cable.far, "up")
            _ip("-n", cable.name, "link", "set", "lo", "up")
        except OSError as refused:
            raise NetworkUnavailable(str(refused)) from refused
        except subprocess.CalledProcessError as refused:
            raise NetworkUnavailable(f"{' '.join(refused.cmd)}: {refused.stderr.strip()}") from refused
        yield cable


def _tun(name: str) -> int:
    end = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return end


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
