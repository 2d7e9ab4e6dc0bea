"""A server whose leases are short, with a runner of its own where jobs can go that an agent has lost."""

from pathlib import Path

from tests.integration.server import Server

from .witnesses import ZONE


def a_hurried_server(folder: Path, slots: int, **environment: str) -> Server:
    """It serves when this returns."""
    program = "tests.integration.production.in_a_hurry"
    server = Server(folder, "--slots", str(slots), program=program, RUNYARD_RATE_LIMITS="false", **environment)
    server.start()
    with server.client() as client:
        client.runners.edit("local", labels={"zone": ZONE})
        client.runners.cordon("local")
    return server
