"""That a change and its entry are one thing, whatever breaks, on any store."""

from typing import Any

import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.guard import Always, Guarded
from runyard.application.jobs.cancel_jobs import CHUNK, CancelJobsCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.ports.work import StoreUnavailable
from runyard.application.secrets.rotate_key import RotateKeyCommand
from runyard.domain.accounts.access import OPERATING_ACCOUNT
from runyard.domain.audit.entry import AuditEntry
from tests.proofs.stores import Breaking
from tests.unit.application.yard import UseCases

from ..builders import a_new_job
from .audit import found
from .stores import Store, at_once, store_all

ADA = CreateAccountCommand(name="ada")


class AuditedContract:
    """For any `store`: what use cases do in it as somebody, through the guard, as at every door."""

    @pytest.fixture
    def breaking(self, store: Store) -> Breaking:
        return Breaking(store)

    @pytest.fixture
    def yard(self, breaking: Breaking) -> UseCases:
        return UseCases(breaking, ManualClock())

    def test_what_breaks_before_its_commit_has_neither_happened_nor_been_told(self, store, breaking, yard):
        breaking.breaks = "before"
        with pytest.raises(StoreUnavailable):
            guarded(yard, yard.create_account).execute(ADA)

        with store.read() as reading:
            assert reading.accounts.all() == []
        assert found(store) == []

    def test_what_breaks_after_its_commit_has_happened_and_has_been_told(self, store, breaking, yard):
        breaking.breaks = "after"
        with pytest.raises(StoreUnavailable):
            guarded(yard, yard.create_account).execute(ADA)

        with store.read() as reading:
            (account,) = reading.accounts.all()
        (entry,) = found(store)
        assert (entry.action, entry.subject.id, entry.address) == ("create_account", account.id, "in-process")

    def test_of_many_jobs_each_transaction_has_an_entry_of_its_own(self, store, breaking, yard):
        new = store_all(store, [a_new_job() for _ in range(CHUNK + 50)])
        asked = CancelJobsCommand(which=JobFilter(project="default"), most=1000)
        cancel = guarded(yard, yard.cancel_jobs)
        breaking.breaks = "after"
        with pytest.raises(StoreUnavailable):
            cancel.execute(asked)
        assert [len(cancelled(entry)) for entry in found(store)] == [CHUNK]
        cancel.execute(asked)

        told = [job_id for entry in found(store) for job_id in cancelled(entry)]
        assert sorted(told) == sorted(each.job.id for each in new)
        assert [len(cancelled(entry)) for entry in found(store)] == [50, CHUNK]

    def test_a_rotation_of_the_key_is_told_once_however_much_it_moves(self, store, yard):
        guarded(yard, yard.rotate_key).execute(RotateKeyCommand(renew=True))

        (entry,) = found(store)
        assert (entry.action, entry.subject.id) == ("rotate_key", yard.sealer.keys()[0])

    def test_those_who_do_things_at_once_are_told_apart(self, store, yard):
        def create(number: int) -> None:
            who = Always(OPERATING_ACCOUNT if number % 2 else ANOTHER)
            use_case = Guarded(yard.create_account, who, store.read, yard.record_refusal)
            use_case.execute(CreateAccountCommand(name=f"{who.name}-{number}"))

        at_once(8, create)

        told = {(entry.doer.name, entry.subject.name) for entry in found(store)}
        assert told == {
            (("admin" if number % 2 else "eve"), f"{'admin' if number % 2 else 'eve'}-{number}") for number in range(8)
        }


ANOTHER = type(OPERATING_ACCOUNT)(name="eve", instance_admin=True)


def guarded(yard: UseCases, use_case: Any) -> Guarded[Any, Any]:
    return Guarded(use_case, Always(OPERATING_ACCOUNT), yard.read, yard.record_refusal)


def cancelled(entry: AuditEntry) -> tuple[str, ...]:
    ids = entry.after["cancelled"]
    assert isinstance(ids, tuple)
    return ids
