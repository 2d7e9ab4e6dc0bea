"""`runyard` whose leases are short, for tests that cannot wait for two minutes. All else is the real thing.

An attempt gets the shortest lease there is then, about 14 seconds, and of an agent about 8; a worker that renews each
five, and an agent that renews each three, can be late once. `RUNYARD_TEST_HOST` is the address to listen on.
"""

import os
import sys
from dataclasses import replace

from runyard.application.runners import adopt_runner
from runyard.domain.jobs.leases import KindOfLease, LeaseTerms
from runyard.entrypoints.cli import main
from runyard.entrypoints.settings import Settings

HURRY = LeaseTerms(kinds={"local": KindOfLease(None, 12.0), "agent": KindOfLease(8, 5.5)}, margin=1.0, hold=3.0)
PACE = replace(adopt_runner.OF_AGENTS, look=3.0)


def _terms(settings: Settings) -> LeaseTerms:
    return replace(HURRY, setting=settings.attempt_lease)


def _host(_: Settings) -> str:
    return os.environ.get("RUNYARD_TEST_HOST", "127.0.0.1")


if __name__ == "__main__":
    Settings.lease_terms = property(_terms)  # type: ignore[assignment, method-assign]
    Settings.bound_host = property(_host)  # type: ignore[assignment, method-assign]
    adopt_runner.OF_AGENTS = PACE  # type: ignore[misc]
    sys.exit(main())
