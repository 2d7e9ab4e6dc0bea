"""What any store must do when everything in it is carried away, or brought to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from runyard.application.moving.import_store import ImportStore, ImportStoreCommand, StoreNotEmpty
from runyard.application.ports.archive import ArchiveUnreadable, Item
from runyard.application.ports.holdings import KeyLimit, WholeJob, WholeSecret
from runyard.application.ports.submission_keys import Reservation
from runyard.domain.accounts.projects import Project
from runyard.domain.audit.entry import AuditEntry
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.queues import QueuePause
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import SubmissionKey
from runyard.domain.limits.limits import Limits, ProjectLimits
from runyard.domain.secrets.sealing import Sealed
from runyard.domain.secrets.secret import Secret

from ..builders import NOON, a_job, a_job_id, a_new_job, a_runner, a_share, a_spec
from .audit import an_entry
from .stores import Store, store_all
from .worlds import ListedArchive, contents, worlds

SOME = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
ALONE: list[Item] = [
    Project(name="p", created_at=NOON),
    ProjectLimits(project="default", limits=Limits(running=2), changed_at=NOON),
    a_runner(),
    QueuePause(queue="q", since=NOON),
    KeyLimit("k", 2),
    Reservation(SubmissionKey("k", "f"), a_job_id(), NOON),
    WholeSecret(Secret(project="p", name="s", version=1, set_at=NOON, set_by="ada"), Sealed("key", bytes(range(256)))),
    WholeJob(a_job(), a_spec(secrets={"T": "s"})),
]


def brought(store: Store, items: list[Item]) -> None:
    ImportStore(store.begin, ListedArchive(items)).execute(ImportStoreCommand())


class Torn(ListedArchive):
    """One that ends before its end."""

    def items(self) -> Iterator[Item]:
        yield from super().items()
        raise ArchiveUnreadable("it is cut off")


class HoldingsContract:
    """The promises of the ports `Holdings` and `Intake`; `empty_store` makes the store empty."""

    @SOME
    @given(items=worlds())
    def test_what_is_brought_is_what_is_there(self, empty_store: Callable[[], Store], items: list[Item]):
        store = empty_store()
        brought(store, items)

        assert contents(store) == items

    @pytest.mark.parametrize("item", ALONE, ids=lambda item: type(item).__name__)
    def test_whatever_is_there_makes_a_store_not_empty(self, store: Store, item: Item):
        brought(store, [item])

        with pytest.raises(StoreNotEmpty):
            brought(store, [item])
        assert contents(store) == [item]

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
    def test_pages_hold_everything_once_and_in_order(self, store: Store, size: int):
        jobs = store_all(store, [a_new_job(state=state) for state in list(JobState)[:7]])
        with store.begin() as work:
            work.intake.add_limits([KeyLimit(key, 1) for key in "gfedcba"])
            work.intake.add_keys([Reservation(SubmissionKey(key, "f"), a_job_id(), NOON) for key in "gfEdcbA"])
            secrets = [(project, name) for project in "qp" for name in "cbaA"[0 if project == "p" else 2 :]]
            named = [
                Secret(project=project, name=name, version=1, set_at=NOON, set_by="ada") for project, name in secrets
            ]
            work.intake.add_secrets([WholeSecret(secret, Sealed("key", b"x")) for secret in named])
            work.commit()

        first = next(secret for secret in named if (secret.project, secret.name) == ("p", "a"))
        with store.read() as reading:
            pages = reading.holdings
            found = [whole.job.id for whole in pages.jobs(after=None, limit=size)]
            while len(found) % size == 0 and found[-1] != jobs[-1].job.id:
                found += [whole.job.id for whole in pages.jobs(after=found[-1], limit=size)]
            assert [each.key for each in pages.limits(after="b", limit=size)] == list("cdefg")[:size]
            assert [each.key.text for each in pages.keys(after="A", limit=size)] == list("Ebcdfg")[:size]
            behind = [(each.secret.project, each.secret.name) for each in pages.secrets(after=first, limit=size)]
            assert behind == [("p", "b"), ("p", "c"), ("q", "A"), ("q", "a")][:size]
        assert found == [new.job.id for new in jobs]

    def test_the_audit_trail_is_brought_in_its_order_and_makes_no_store_full(self, store: Store):
        trail: list[Item] = [an_entry(action=f"action_{number}", after={"slots": number}) for number in range(5)]
        brought(store, trail)
        brought(store, [*trail, a_runner()])

        entries = [item for item in contents(store, trail=True) if isinstance(item, AuditEntry)]
        assert [replace(entry, id=0) for entry in entries] == [*trail, *trail]
        with store.read() as reading:
            assert reading.audit.oldest(after=entries[2].id, limit=2) == entries[3:5]

    def test_what_was_brought_goes_on(self, store: Store):
        waiting = a_new_job(a_spec(queue="q"))
        keyed = a_spec(concurrency=Concurrency(key="k"))
        holder, waiter = a_new_job(keyed, state=JobState.QUEUED, reason=None, seat=0), a_new_job(keyed)
        brought(store, [KeyLimit("k", 1), *(WholeJob(new.job, new.spec) for new in (waiting, holder, waiter))])

        with store.begin() as work:
            assert [job.id for job in work.jobs.take([a_share("q")], 9)] == [waiting.job.id]
            [seating] = work.seats.lock({"k": 9})
        assert (seating.limit, seating.holders) == (1, {0: holder.job.id})
        assert [each.job_id for each in seating.line] == [waiter.job.id]
        with store.read() as reading:
            assert [lane.key for lane in reading.jobs.lanes()] == sorted([waiting.spec.lane.key, keyed.lane.key])

    def test_what_fails_half_way_has_done_nothing(self, store: Store):
        with pytest.raises(ArchiveUnreadable):
            ImportStore(store.begin, Torn(ALONE)).execute(ImportStoreCommand())

        with store.begin() as work:
            assert work.intake.empty()
