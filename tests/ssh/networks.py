"""A host in a network of its own, with a cable that can be pulled."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.networks import Cable, network

from .sshd import Sshd


class FarSshd(Sshd):
    """A server in another network, one cable away."""

    cable: Cable


@contextmanager
def far_away(number: int) -> Iterator[type[FarSshd]]:
    """The kind of servers that live in a network of its own."""
    with network(number) as cable:
        yield type("Farther", (FarSshd,), {"inside": cable.inside, "address": cable.theirs, "cable": cable})
