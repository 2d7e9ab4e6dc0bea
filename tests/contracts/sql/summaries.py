"""What lists need not read."""

import pytest
from sqlalchemy import Engine, update

from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.jobs import JOB_SPEC
from runyard.application.ports.jobs import JobFilter

from ...builders import a_new_job, a_spec
from ..stores import store_all


@pytest.mark.made_up
class SummariesContract:
    """For an `engine` and a `store` on the same migrated database."""

    def test_what_a_summary_leaves_out_is_not_even_read(self, engine: Engine, store: SqlStore):
        [new] = store_all(store, [a_new_job(a_spec(env={"A": "b"}))])
        with engine.begin() as connection:
            connection.execute(update(JOB_SPEC).values(rest="no document"))

        with store.read() as reading:
            [item] = reading.jobs.page(JobFilter(), after=None, limit=9).items
            assert reading.jobs.summary(new.job.id) == item
            assert reading.jobs.attempts(new.job.id) == []
            with pytest.raises(ValueError, match="Expecting value"):
                reading.jobs.get(new.job.id)
