"""What any store of an audit trail must do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runyard.domain.accounts.ids import TokenId
from runyard.domain.audit.entry import AuditEntry, AuditFilter, AuditOutcome, Doer, Subject

from .stores import Store, at_once

NOW = datetime.now(UTC)
"""Entries have times of their own, but the database judges their age by its clock."""


def an_entry(**values: Any) -> AuditEntry:
    usual: dict[str, Any] = {
        "at": NOW,
        "doer": Doer(name="ada", kind="user", token=TokenId("t" * 16)),
        "address": "203.0.113.9",
        "action": "cordon_runner",
        "permission": "manage_runners",
        "subject": Subject(kind="runner", id="r-1", name="build1"),
        "project": "default",
        "before": {"availability": "open", "queues": ("*",)},
        "after": {"availability": "cordoned", "slots": 3, "fit": True, "note": "ünïcode"},
    }
    return AuditEntry(**{**usual, **values})


def keep(store: Store, *entries: AuditEntry) -> None:
    with store.begin() as work:
        work.audit.append(entries)
        work.commit()


def found(store: Store, **which: Any) -> list[AuditEntry]:
    with store.read() as reading:
        return list(reading.audit.page(AuditFilter(**which), after=None, limit=200).items)


class AuditContract:
    """The promises of the ports `AuditTrail` and `TrailReading`."""

    def test_entries_come_back_whole_newest_first_with_ids_that_grow(self, store: Store):
        refused = an_entry(
            doer=Doer(),
            outcome=AuditOutcome.REFUSED,
            reason="unknown_token",
            permission=None,
            project=None,
            subject=Subject(kind="token"),
            before={},
            after={"left_out": 7},
        )
        keep(store, an_entry(), refused)
        keep(store, an_entry(action="drain_runner"))

        third, second, first = found(store)
        assert first.id < second.id < third.id
        assert [first, second] == [an_entry(id=first.id), AuditEntry(**{**_fields(refused), "id": second.id})]
        assert third.action == "drain_runner"

    def test_an_uncommitted_entry_never_was(self, store: Store):
        with store.begin() as work:
            work.audit.append([an_entry()])

        assert found(store) == []

    def test_pages_lead_to_the_end_whatever_is_written_meanwhile(self, store: Store):
        keep(store, *(an_entry(action=f"action_{number}") for number in range(5)))
        seen, after = [], None
        for _ in range(4):
            with store.read() as reading:
                page = reading.audit.page(AuditFilter(), after=after, limit=2)
            keep(store, an_entry(action="meanwhile"))
            seen += [entry.action for entry in page.items]
            after = page.next_after
            if after is None:
                break

        assert seen == [f"action_{number}" for number in (4, 3, 2, 1, 0)]
        assert after is None

    @pytest.mark.parametrize(
        ("which", "meant"),
        [
            ({"actor": "bob"}, {1}),
            ({"action": "set_role"}, {1}),
            ({"action": "manage_runners"}, {0, 2}),
            ({"kind": "account"}, {1}),
            ({"kind": "runner", "thing": "build1"}, {0, 2}),
            ({"thing": "a-1"}, {1}),
            ({"project": "other"}, {1}),
            ({"outcome": AuditOutcome.REFUSED}, {2}),
            ({"since": NOW}, {1, 2}),
            ({"until": NOW}, {0}),
            ({"projects": frozenset({"default"})}, {0}),
            ({"projects": frozenset({"default", "other"}), "actor": "bob"}, {1}),
            ({"projects": frozenset()}, set()),
            ({"actor": "b\0b"}, set()),
            ({"actor": "nobody"}, set()),
            ({}, {0, 1, 2}),
        ],
    )
    def test_a_filter_means_what_fits_all_of_it(self, store: Store, which: dict[str, Any], meant: set[int]):
        member = Subject(kind="account", id="a-1", name="eve")
        entries = (
            an_entry(at=NOW - timedelta(seconds=1)),
            an_entry(
                doer=Doer(name="bob"),
                action="set_role",
                permission="manage_members",
                subject=member,
                project="other",
            ),
            an_entry(at=NOW + timedelta(seconds=1), outcome=AuditOutcome.REFUSED, project=None),
        )
        keep(store, *entries)
        first = min(entry.id for entry in found(store))

        assert {entry.id - first for entry in found(store, **which)} == meant
        assert [entry for entry in found(store) if AuditFilter(**which).means(entry)] == found(store, **which)

    def test_what_no_database_takes_is_no_reason_to_fail(self, store: Store):
        hostile = "a\udc80\0'; --"
        keep(store, an_entry(doer=Doer(name=hostile), address=hostile, after={"note": hostile}))

        (entry,) = found(store)
        assert entry.after == {"note": hostile}

    def test_only_what_is_old_enough_is_forgotten_the_oldest_first(self, store: Store):
        old = [an_entry(at=NOW - timedelta(days=days), action=f"day_{days}") for days in (50, 60, 40)]
        keep(store, *old, an_entry(action="young"))
        with store.begin() as work:
            assert work.audit.forget(NOW - timedelta(days=45), 1) == 1
            work.commit()
        assert [entry.action for entry in found(store)] == ["young", "day_40", "day_50"]

        with store.begin() as work:
            assert work.audit.forget(NOW - timedelta(days=31), 100) == 2
            work.commit()
        assert [entry.action for entry in found(store)] == ["young"]

    def test_many_who_write_at_once_lose_nothing(self, store: Store):
        at_once(8, lambda number: keep(store, an_entry(action=f"by_{number}")))

        assert {entry.action for entry in found(store)} == {f"by_{number}" for number in range(8)}


def _fields(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__}
