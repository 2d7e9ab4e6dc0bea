"""The table of what the audit trail tells, and what it makes of what was done."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from runyard.application.accounts.deeds import DEEDS, LOOKS
from runyard.application.accounts.rules import RULES
from runyard.application.audit.forget_audit import ForgetAudit, ForgetAuditCommand
from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.explain_job import ExplainJobCommand
from runyard.application.jobs.rerun_job import RerunJobCommand
from runyard.application.secrets.set_secret import SetSecretCommand
from runyard.domain.audit.difference import Covered, Field, difference
from runyard.domain.secrets.secret import SecretValue
from runyard.entrypoints.wiring.observed import snake_case
from tests.contracts.audit import an_entry
from tests.unit.application.yard import MemoryYard

ROUTINE = {CreateJobsCommand, RerunJobCommand, ExplainJobCommand}
"""What submitters do all day, and jobs themselves tell."""


def test_every_command_of_a_door_is_told_or_reads_or_is_routine() -> None:
    reads = {each for each in RULES if each.__name__.startswith(("Get", "List", "Read", "ShowHostKey"))}

    assert {*RULES} - {*DEEDS} == reads | ROUTINE
    assert not reads & {*DEEDS}


def test_a_deed_is_called_as_its_use_case_and_says_which_thing_by_a_field_of_its_command() -> None:
    for command, deed in {**DEEDS, **LOOKS}.items():
        assert deed.action == snake_case(command.__name__.removesuffix("Command"))
        assert deed.named_by is None or deed.named_by in {each.name for each in fields(command)}, command


def test_what_nobody_does_through_a_door_is_not_told() -> None:
    yard = MemoryYard()
    yard.set_secret.execute(SetSecretCommand(project="default", name="K", value=SecretValue("long enough"), by="me"))

    with yard.store.read() as reading:
        assert reading.audit.oldest(after=0, limit=9) == []


def test_a_difference_is_what_is_not_the_same_and_of_what_is_covered_only_that_it_is_there() -> None:
    before: dict[str, Field] = {"same": 1, "gone": "x", "other": 1, "hidden": Covered("hash"), "none": None}
    after: dict[str, Field] = {
        "same": 1,
        "other": 2,
        "hidden": Covered("two"),
        "at": datetime(2030, 1, 31, tzinfo=UTC),
        "long": "y" * 900,
    }

    was, now = difference(before, after)

    assert was == {"gone": "x", "other": 1, "hidden": "set"}
    assert now == {"other": 2, "hidden": "set", "at": "2030-01-31T00:00:00Z", "long": "y" * 499 + "…"}
    assert "hash" not in repr(before)
    assert difference({"key": None}, {"key": Covered("new")}) == ({}, {"key": "set"})


@pytest.mark.parametrize(
    ("days", "left"), [(30, ["young"]), (45, ["young", "day_40"]), (None, ["young", "day_40", "day_60"])]
)
def test_what_was_kept_long_enough_is_forgotten(days: int | None, left: list[str]) -> None:
    yard = MemoryYard()
    now = yard.clock.now()
    with yard.store.begin() as work:
        entries = [an_entry(at=now - timedelta(days=age), action=f"day_{age}") for age in (60, 40)]
        work.audit.append([*entries, an_entry(at=now, action="young")])
        work.commit()
    forget = ForgetAudit(yard.store.begin, None if days is None else timedelta(days=days))

    gone = [forget.execute(ForgetAuditCommand(most=1)) for _ in range(3)]

    with yard.store.read() as reading:
        kept = [entry.action for entry in reversed(reading.audit.oldest(after=0, limit=9))]
    assert (sum(gone), kept) == (3 - len(left), left)
