"""A network of its own for a host, with a cable that can be pulled. Only root can have one, if the kernel lets it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .sshd import Sshd


class NetworkUnavailable(Exception):
    """No network can be made here; the message says why."""


class FarSshd(Sshd):
    """A server in another network, one cable away."""

    def pull(self) -> None:
        """From now on nothing arrives on either side, and nobody is told."""
        # Dropped where the host would answer: on our side the cable seems to be well.
        _ip("-n", self.inside[3], "link", "set", "far", "down")


@contextmanager
def network(number: int) -> Iterator[type[FarSshd]]:
    """The kind of servers that live in a network of its own."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NetworkUnavailable("only root can make one, with ip of iproute2")
    name, near = f"ry{os.getpid()}-{number}", f"ryn{os.getpid() % 100000}{number}"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as refused:
        raise NetworkUnavailable(f"ip netns add: {refused.stderr.strip()}") from refused
    try:
        _ip("link", "add", near, "type", "veth", "peer", "name", "far", "netns", name)
        _ip("address", "add", f"10.213.{number}.1/30", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", name, "address", "add", f"10.213.{number}.2/30", "dev", "far")
        _ip("-n", name, "link", "set", "far", "up")
        yield type("Farther", (FarSshd,), {"inside": ("ip", "netns", "exec", name), "address": f"10.213.{number}.2"})
    except subprocess.CalledProcessError as refused:
        raise NetworkUnavailable(f"{' '.join(refused.cmd)}: {refused.stderr.strip()}") from refused
    finally:
        subprocess.run(["ip", "link", "delete", near], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
