"""What every test shares: how Hypothesis behaves, and that logging is as it was."""

import os
import signal
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

# A shell's background jobs ignore Ctrl-C, and so would all that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.pop("PYTHONUNBUFFERED", None)  # programs that the tests start write as they do for most people

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(autouse=True)
def logs_go_where_they_went() -> Iterator[None]:
    """A server in this process has configured logging, perhaps to a stream that is closed with its test."""
    yield
    structlog.reset_defaults()
