"""Submits jobs for ever and says the id of each once it is committed: `URL [early]`. Meant to be killed.

With `early` it does wrong on purpose: it says the id, and commits much later.
"""

import sys
import time

from runyard.adapters.sql.store import open_store
from runyard.adapters.system.identifiers import UuidIdentifiers

from ...builders import a_new_job


def main(url: str, *, early: bool) -> None:
    store, identifiers = open_store(url), UuidIdentifiers()
    while True:
        new = a_new_job(id=identifiers.job_id())
        with store.begin() as work:
            work.jobs.add_all([new])
            if early:
                print(new.job.id, flush=True)
                time.sleep(60)
            work.commit()
        if not early:
            print(new.job.id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], early="early" in sys.argv[2:])
