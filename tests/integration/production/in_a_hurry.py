"""`runyard` whose leases are short, for tests that cannot wait for two minutes. All else is the real thing.

An attempt gets the shortest lease there is then, about 14 seconds; a worker that renews each five can be late once.
"""

import sys
from dataclasses import replace

from runyard.domain.jobs.leases import KindOfLease, LeaseTerms
from runyard.entrypoints.cli import main
from runyard.entrypoints.settings import Settings

HURRY = LeaseTerms(kinds={"local": KindOfLease(None, 12.0), "agent": KindOfLease(14, 11.0)}, margin=1.0, hold=3.0)


def _terms(settings: Settings) -> LeaseTerms:
    return replace(HURRY, setting=settings.attempt_lease)


if __name__ == "__main__":
    Settings.lease_terms = property(_terms)  # type: ignore[assignment, method-assign]
    sys.exit(main())
