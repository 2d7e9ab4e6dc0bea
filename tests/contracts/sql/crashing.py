"""Submits jobs for ever and says the id of each once it is committed: `URL`. Meant to be killed."""

import sys

from runyard.adapters.sql.store import open_store
from runyard.adapters.system.identifiers import UuidIdentifiers

from ...builders import a_new_job


def main(url: str) -> None:
    store, identifiers = open_store(url), UuidIdentifiers()
    while True:
        new = a_new_job(id=identifiers.job_id())
        with store.begin() as work:
            work.jobs.add_all([new])
            work.commit()
        print(new.job.id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
