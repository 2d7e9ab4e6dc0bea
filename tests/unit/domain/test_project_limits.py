from typing import Any

import pytest

from runyard.domain.limits.errors import SubmittedTooOften, TooManyQueued
from runyard.domain.limits.limits import (
    EACH_OWNER,
    Bound,
    InvalidLimits,
    LimitKind,
    Limits,
    LimitsInForce,
    ProjectLimits,
    Scope,
    UsualLimits,
)
from tests.builders import NOON

K = LimitKind


def a_limit(owner: str | None = None, project: str = "lab", **limits: int | None) -> ProjectLimits:
    return ProjectLimits(project=project, owner=owner, limits=Limits(**limits), changed_at=NOON)


def running(in_force: LimitsInForce, project: str, owner: str) -> dict[Scope, int]:
    return {bound.scope: bound.most for bound in in_force.bounds(K.RUNNING, project, owner)}


def test_without_limits_nothing_is_bound() -> None:
    in_force = LimitsInForce()

    assert in_force.bounds(K.QUEUED, "lab", "ada") == ()
    assert not in_force.has_any(K.QUEUED)


def test_a_job_is_held_to_the_limits_of_its_project_and_of_its_owner() -> None:
    known = [
        a_limit(running=5),
        a_limit(EACH_OWNER, running=3),
        a_limit("ada", running=1),
        a_limit(project="x", queued=1),
    ]
    in_force = LimitsInForce.of(known, UsualLimits())

    assert running(in_force, "lab", "ada") == {Scope("lab"): 5, Scope("lab", "ada"): 1}
    assert running(in_force, "lab", "bob") == {Scope("lab"): 5, Scope("lab", "bob"): 3}
    assert running(in_force, "x", "ada") == {}
    assert [kind for kind in K if in_force.has_any(kind)] == [K.QUEUED, K.RUNNING]


def test_what_is_left_open_is_as_usual_and_zero_is_no_limit() -> None:
    usual = UsualLimits(project=Limits(running=9), owner=Limits(running=4, queued=2))
    known = [a_limit(running=0), a_limit(EACH_OWNER, queued=7), a_limit("ada", running=0), a_limit("bob", queued=0)]
    in_force = LimitsInForce.of(known, usual)

    assert running(in_force, "lab", "ada") == {}
    assert running(in_force, "lab", "bob") == {Scope("lab", "bob"): 4}
    assert running(in_force, "other", "ada") == {Scope("other"): 9, Scope("other", "ada"): 4}
    assert [in_force.limit(K.QUEUED, Scope("lab", owner)) for owner in ("ada", "bob")] == [7, None]


def test_changing_some_leaves_the_others() -> None:
    changed = a_limit(running=5, queued=1).changed({K.QUEUED: None, K.SUBMISSIONS: 0}, now=NOON)

    assert changed.limits == Limits(running=5, submissions_per_minute=0)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"queued": -1}, "/queued"),
        ({"running": 1_000_001}, "/running"),
        ({"submissions_per_minute": -5}, "/submissions_per_minute"),
        ({"owner": " "}, "/owner"),
        ({"owner": "a\0b"}, "/owner"),
    ],
)
def test_what_cannot_be_a_limit_is_named(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidLimits) as refused:
        a_limit(**wrong)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_a_refusal_names_the_limit_its_scope_its_use_and_what_to_do() -> None:
    of_project = Bound(K.QUEUED, Scope("lab"), 3)
    of_owner = Bound(K.SUBMISSIONS, Scope("lab", "ada b"), 60)

    assert str(TooManyQueued(of_project, 4)) == (
        "limit of queued jobs of project 'lab': 4 of 3; submit it again when fewer wait, "
        "or have it raised: `runyard project limit lab --queued 4`"
    )
    assert str(SubmittedTooOften(of_owner, 0.2)) == (
        "limit of submissions a minute of owner 'ada b' in project 'lab': 60 of 60; submit it again in 1 s, "
        "or have it raised: `runyard project limit lab --owner 'ada b' --per-minute 61`"
    )
