"""What a store must do when very many jobs come at once."""

from dataclasses import replace

from ..builders import NOON, a_new_job, a_spec
from .stores import Store, record, store_all

MANY = 1000


class ManyJobsContract:
    """The promise of `Jobs.add_all`, where adapters have a way of their own for large batches."""

    def test_every_field_of_many_new_jobs_comes_back(self, store: Store):
        odd = a_spec(command=("a\tb", "c\\d\n", "\\N", ""), name="é\\.", not_before=NOON.replace(year=2099))
        new = store_all(store, [a_new_job(odd if number % 2 else None) for number in range(MANY)])
        for item in (new[0], new[1], new[-1]):
            found = record(store, item.job.id)
            assert (found.job, found.spec) == (item.job, item.spec)

    def test_many_jobs_are_stored_all_or_none(self, store: Store):
        twice = a_new_job()
        new = [a_new_job() for _ in range(MANY)]
        try:
            store_all(store, [*new, twice, replace(twice)])
        except Exception:  # noqa: BLE001 - each store refuses in its own words
            with store.read() as reading:
                assert reading.jobs.specs([item.job.id for item in new]) == {}
