"""What is found when somebody has been at the database with bare hands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from runyard.adapters.sql.documents import outcome_document
from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.accounts import ACCOUNT, TOKEN
from runyard.adapters.sql.tables.audit import AUDIT
from runyard.adapters.sql.tables.jobs import ATTEMPT, DUE, JOB, JOB_SPEC, LANE, READY
from runyard.adapters.sql.tables.limits import PROJECT_LIMIT
from runyard.adapters.sql.tables.logs import LOG, LOG_CHUNK
from runyard.adapters.sql.tables.passes import RUNNER_PASS
from runyard.adapters.sql.tables.projects import PROJECT
from runyard.adapters.sql.tables.queues import QUEUE_PAUSE
from runyard.adapters.sql.tables.runners import RUNNER
from runyard.adapters.sql.tables.seats import CKEY, HOLD, WAITER
from runyard.adapters.sql.tables.secrets import SECRET
from runyard.adapters.sql.tables.submission_keys import SUBMISSION_KEY
from runyard.adapters.sql.work import SqlReading
from runyard.application.observability.check_invariants import CheckInvariants, CheckInvariantsCommand
from runyard.application.ports.holdings import RowUnreadable
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.observability.invariants import CLAIMED_WITHIN, INVARIANTS, NEXT_IN_LINE, READABLE, STRAYS
from runyard.domain.observability.tenants import APART, KEPT_TO_LIMITS
from runyard.domain.observability.trail import TOLD
from runyard.domain.runners.ids import DriverId

from ...builders import NOON, a_job_id, a_new_job, a_runner
from ..judging import everything
from ..stores import store_all

LOST = Outcome(ending=Ending.LOST)
FAILED = Outcome(ending=Ending.EXIT, exit_code=1, log_size=0)
LONGER = Outcome(ending=Ending.EXIT, exit_code=0, log_size=99)
LIVE = ATTEMPT.c.ended_at.is_(None)
ENDED_WELL = JOB.c.state == "succeeded"


def twice_live(at: Connection) -> None:
    """A second live attempt, which no store lets in as long as it has its index."""
    at.execute(text("drop index ix_attempt_live"))
    live = at.execute(select(ATTEMPT).where(LIVE)).mappings().one()
    at.execute(insert(ATTEMPT), [{**live, "number": 2}])


BEFORE = NOON - timedelta(hours=1)


def limited(at: Connection, **limits: int) -> None:
    """A limit of the default project, older than all jobs there."""
    at.execute(insert(PROJECT_LIMIT).values(project="default", owner="", changed_at=BEFORE, **limits))


def another_project(at: Connection) -> str:
    at.execute(insert(PROJECT).values(name="other", created_at=NOON))
    return "other"


def one_more_runs(at: Connection) -> None:
    """A second job with a live attempt, where one may run."""
    limited(at, running=1)
    live = at.execute(select(ATTEMPT).where(LIVE)).mappings().one()
    queued = at.execute(select(JOB.c.id).where(JOB.c.state == "queued", JOB.c.ckey.is_(None))).scalar_one()
    at.execute(insert(ATTEMPT), [{**live, "job_id": queued}])


def a_rerun_of_another_project(at: Connection) -> None:
    """The one that succeeded is of another project, and one that waits says to be its rerun."""
    another_project(at)
    old = at.execute(select(JOB.c.id).where(ENDED_WELL)).scalar_one()
    at.execute(update(JOB).where(ENDED_WELL).values(project="other", lane=None))
    new = JOB_SPEC.c.job_id != old
    at.execute(
        update(JOB_SPEC).where(new).values(spec=func.replace(JOB_SPEC.c.spec, '"rerun_of":null', f'"rerun_of":"{old}"'))
    )


def a_child_of_another_project(at: Connection) -> None:
    another_project(at)
    parent = at.execute(select(JOB.c.id).where(ENDED_WELL)).scalar_one()
    at.execute(update(JOB).where(JOB.c.id != parent).values(parent=parent))
    at.execute(update(JOB).where(ENDED_WELL).values(project="other", lane=None))


def submitted_elsewhere(at: Connection) -> None:
    job = at.execute(select(JOB.c.id).limit(1)).scalar_one()
    at.execute(insert(SUBMISSION_KEY).values(key="\x01other\x01k", fingerprint="f", job_id=job, until=NOON))


def a_successor_of_somebody_else(at: Connection) -> None:
    for name in ("ada", "bob"):
        account = {"id": name, "name": name, "kind": "service", "instance_admin": False, "created_at": NOON}
        at.execute(insert(ACCOUNT).values(account))
        token = {"id": f"{name}'s", "account_id": name, "hash": "h", "name": "", "life": 1, "created_at": NOON}
        at.execute(insert(TOKEN).values(**token, expires_at=NOON, replaced_by="bob's"))


def a_pass_of_another_runner(at: Connection) -> None:
    runner = at.execute(select(RUNNER)).mappings().one()
    at.execute(insert(RUNNER), [{**runner, "id": "other", "name": "other"}])
    for of, name in ((runner["id"], "old"), ("other", "new")):
        values = {"id": name, "runner_id": of, "kind": "runner", "hash": "h", "created_at": NOON, "expires_at": NOON}
        at.execute(insert(RUNNER_PASS).values(**values, replaced_by="new"))


def told(at: Connection, **values: Any) -> None:
    entry = {"at": NOON, "address": "cli", "action": "create_account", "kind": "account", "outcome": "done"}
    at.execute(insert(AUDIT).values({**entry, "before": "{}", "after": "{}", **values}))


def an_admin_nobody_made(at: Connection) -> None:
    account = {"id": "ada", "name": "ada", "kind": "user", "instance_admin": True, "created_at": NOON}
    at.execute(insert(ACCOUNT).values(account))
    told(at, subject_id="ada", after='{"kind":"user","instance_admin":false}')


SLIPS: dict[str, tuple[str, Callable[[Connection], Any]]] = {
    "a spec that is no document": ("readable", lambda at: at.execute(update(JOB_SPEC).values(spec="{"))),
    "a spec without a command": ("readable", lambda at: at.execute(update(JOB_SPEC).values(spec="{}"))),
    "the rest of a spec that is no document": ("readable", lambda at: at.execute(update(JOB_SPEC).values(rest="["))),
    "a policy that is no document": ("readable", lambda at: at.execute(update(JOB).values(retry=""))),
    "an outcome of a newer version": (
        "readable",
        lambda at: at.execute(update(ATTEMPT).values(outcome='{"ending":"bored"}', ended_at=NOON)),
    ),
    "labels of a lane that are none": ("readable", lambda at: at.execute(update(LANE).values(labels="no"))),
    "queues of a runner that are none": ("readable", lambda at: at.execute(update(RUNNER).values(queues="no"))),
    "a spec was deleted": ("I1", lambda at: at.execute(delete(JOB_SPEC))),
    "a job had two live attempts": ("I2", twice_live),
    "a fence was set back": ("I3", lambda at: at.execute(update(JOB).where(ENDED_WELL).values(fence=0))),
    "an outcome was rewritten": (
        "I4",
        lambda at: at.execute(update(ATTEMPT).where(~LIVE).values(outcome=outcome_document(FAILED))),
    ),
    "a failure had no reason": (
        "I5",
        lambda at: at.execute(update(JOB).where(ENDED_WELL).values(state="failed")),
    ),
    "two jobs held one seat": ("I6", lambda at: at.execute(update(JOB).where(JOB.c.ckey == "k").values(seat=0))),
    "a head was set back": ("I8", lambda at: at.execute(update(LOG).values(stored=3))),
    "a chunk moved": ("I8", lambda at: at.execute(update(LOG_CHUNK).values(start=1))),
    "a chunk was lost": ("I8", lambda at: at.execute(delete(LOG_CHUNK))),
    "a log ended too soon": (
        "complete",
        lambda at: at.execute(update(ATTEMPT).where(~LIVE).values(outcome=outcome_document(LONGER))),
    ),
    "an attempt ended behind the job's back": (
        "live",
        lambda at: at.execute(update(ATTEMPT).values(ended_at=NOON, outcome=outcome_document(LOST))),
    ),
    "a job renamed its attempt": ("attempts", lambda at: at.execute(update(JOB).values(attempt=7))),
    "a start was never allowed": (
        "armed",
        lambda at: at.execute(update(ATTEMPT).where(LIVE).values(started_at=NOON, armed_at=None, boot_id=None)),
    ),
    "a lease lost its end": (
        "I9",
        lambda at: at.execute(update(ATTEMPT).where(LIVE).values(lease=60, lease_until=None)),
    ),
    "a job left its queue": ("ready", lambda at: at.execute(delete(READY))),
    "a place was in another queue": ("ready", lambda at: at.execute(update(READY).values(lane="nowhere"))),
    "nobody knew a lane": ("ready", lambda at: at.execute(delete(LANE))),
    "a job was woken that needs no waking": (
        "due",
        lambda at: at.execute(
            insert(DUE).from_select(["at", "job_id"], JOB.select().with_only_columns(JOB.c.created_at, JOB.c.id))
        ),
    ),
    "a seat was given away": ("hold", lambda at: at.execute(delete(HOLD))),
    "a seat had another number": ("hold", lambda at: at.execute(update(HOLD).values(seat=5))),
    "a job left its line": ("waiter", lambda at: at.execute(delete(WAITER))),
    "a place in line was another one": ("waiter", lambda at: at.execute(update(WAITER).values(rank=5))),
    "a key was forgotten": ("key", lambda at: at.execute(delete(CKEY))),
    "there were seats for those who wait": ("line", lambda at: at.execute(update(CKEY).values(seats=9))),
    "a place was of no job": (
        "strays",
        lambda at: at.execute(insert(READY).values(lane="a", rank=1, job_id=a_job_id())),
    ),
    "a wake-up was of no job": ("strays", lambda at: at.execute(insert(DUE).values(at=NOON, job_id=a_job_id()))),
    "a seat was held by no job": (
        "strays",
        lambda at: at.execute(insert(HOLD).values(key="k", seat=7, job_id=a_job_id())),
    ),
    "no job stood in line": (
        "strays",
        lambda at: at.execute(insert(WAITER).values(key="k", rank=1, job_id=a_job_id())),
    ),
    "more waited than might": ("I11", lambda at: limited(at, queued=1)),
    "more ran than might": ("I11", one_more_runs),
    "a job was of no project": ("I12", lambda at: at.execute(update(JOB).values(project="none"))),
    "a lane was of another project": (
        "I12",
        lambda at: at.execute(update(LANE).values(project=another_project(at))),
    ),
    "a lane was of another owner": ("I12", lambda at: at.execute(update(LANE).values(owner="somebody"))),
    "a lane was of no project": ("I12", lambda at: at.execute(update(LANE).values(project="none"))),
    "a concurrency key was of another project": (
        "I12",
        lambda at: at.execute(update(JOB).where(JOB.c.ckey == "k").values(ckey="\x01other\x01k")),
    ),
    "a submission was of another project": ("I12", submitted_elsewhere),
    "a rerun was of another project": ("I12", a_rerun_of_another_project),
    "a job was submitted by one of another project": ("I12", a_child_of_another_project),
    "a runner was of no project": ("I12", lambda at: at.execute(update(RUNNER).values(project="none"))),
    "a pause was of no project": (
        "I12",
        lambda at: at.execute(insert(QUEUE_PAUSE).values(project="none", queue="q", since=NOON)),
    ),
    "a secret was of no project": (
        "I12",
        lambda at: at.execute(insert(SECRET).values(project="none", name="s", version=1, set_at=NOON, set_by="")),
    ),
    "a limit was of no project": (
        "I12",
        lambda at: at.execute(insert(PROJECT_LIMIT).values(project="none", owner="", changed_at=NOON)),
    ),
    "a token was replaced by somebody else's": ("I12", a_successor_of_somebody_else),
    "a pass was exchanged for another runner's": ("I12", a_pass_of_another_runner),
    "an entry of the trail is no document": ("readable", lambda at: told(at, after="[")),
    "an account may do what nobody told": ("trail", an_admin_nobody_made),
    "an attempt was on no known runner": ("strays", lambda at: at.execute(update(ATTEMPT).values(runner_id="x"))),
}


def found_after(store: SqlStore, slip: Callable[[Connection], Any]) -> set[str]:
    """The rules that are broken after this slip, which is undone."""

    @contextmanager
    def read() -> Iterator[SqlReading]:
        yield SqlReading(work._connection, timedelta)

    with store.begin() as work:
        slip(work._connection)
        return {hit.invariant for hit in CheckInvariants(read).execute(CheckInvariantsCommand()).hits}


@pytest.mark.made_up
class JudgedContract:
    """For a `store` on a migrated database."""

    def test_whatever_somebody_has_been_at_is_found(self, store: SqlStore):
        everything(store)
        assert CheckInvariants(store.read).execute(CheckInvariantsCommand()).hits == ()

        missed = [what for what, (name, slip) in SLIPS.items() if name not in found_after(store, slip)]

        assert missed == []

    def test_it_is_found_that_nobody_claimed_what_stood_beside_a_free_slot(self, store: SqlStore):
        with store.begin() as work:
            now = work.now()
            runner = a_runner().taken_over(DriverId("d"), now=now, ttl=timedelta(hours=1))
            work.runners.add(runner)
            work.commit()
        store_all(store, [a_new_job(created_at=now - timedelta(minutes=1))])
        check = CheckInvariants(store.read)
        first = check.execute(CheckInvariantsCommand())
        with store.begin() as work:
            work.runners.save(runner.heard_from(1, now=now, ttl=timedelta(hours=2)))
            work.commit()

        found = check.execute(CheckInvariantsCommand(waited=first.waiting))

        assert first.hits == ()
        assert [hit.invariant for hit in found.hits] == [CLAIMED_WITHIN[0]]

    def test_every_rule_is_broken_here(self):
        known = {rule.name for rule in INVARIANTS} | {READABLE[0], STRAYS[0], NEXT_IN_LINE[0]}
        known |= {KEPT_TO_LIMITS[0], APART[0], TOLD[0]}
        assert {name for name, _ in SLIPS.values()} == known

    def test_what_cannot_be_read_is_named_and_the_rest_is_judged(self, store: SqlStore):
        new = store_all(store, [a_new_job() for _ in range(5)])
        with store.begin() as work:
            for each in new[1:4]:
                work._connection.execute(update(JOB).where(JOB.c.id == each.job.id).values(retry="s3cr3t"))
            work._connection.execute(delete(READY).where(READY.c.job_id == new[4].job.id))
            work.commit()

        for page in (1, 2, 3, 5, 6):
            found = CheckInvariants(store.read).execute(CheckInvariantsCommand(page=page))
            assert found.jobs == 2
            assert [hit.invariant for hit in found.hits] == ["readable"] * 3 + ["ready"]
            assert [hit.rows[0] for hit in found.hits[:3]] == [f"job {each.job.id}" for each in new[1:4]]
            assert "s3cr3t" not in str(found)
        with store.read() as reading, pytest.raises(RowUnreadable, match=f"job {new[1].job.id}"):
            reading.holdings.jobs(after=None, limit=9)
