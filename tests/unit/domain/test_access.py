"""Who may do what: the table and the function that reads it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from runyard.domain.accounts.access import INSTANCE, Actor, Reach, Resource, Verdict, authorize, reach, refusal
from runyard.domain.accounts.account import Account, AccountKind, check_password
from runyard.domain.accounts.errors import InvalidAccount, TokenSpent
from runyard.domain.accounts.ids import AccountId, TokenId
from runyard.domain.accounts.permissions import PERMISSIONS, Permission, Role
from runyard.domain.accounts.tokens import Token, TokenTerms, TokenText, parsed
from tests.builders import NOON

P = Permission
THEIRS = Resource(project="other", owner="ada")
HOUR = timedelta(hours=1)


def ada(role: Role | None = None, **values: object) -> Actor:
    return Actor(name="ada", roles={} if role is None else {"default": role}, **values)  # type: ignore[arg-type]


def job(owner: str) -> Resource:
    return Resource(project="default", owner=owner)


JOB, CHILD = (
    Resource(project="default", owner="ada", job="j"),
    Resource(project="default", owner="ada", job="c", parent="j"),
)


@pytest.mark.parametrize("action", Permission)
def test_a_process_of_a_job_looks_at_it_steers_what_it_submitted_and_submits(action: Permission) -> None:
    inside = ada(Role.ADMIN, job="j", scopes=frozenset({P.SEE, P.SUBMIT, P.STEER_OWN}))
    looking = ada(Role.ADMIN, job="j", scopes=frozenset({P.SEE}))
    may = {True: Verdict.ALLOWED, False: Verdict.FORBIDDEN}

    assert authorize(inside, action, JOB) is may[action is P.SEE]
    assert authorize(inside, action, CHILD) is may[action in (P.SEE, P.STEER)]
    assert authorize(looking, action, CHILD) is may[action is P.SEE]
    assert authorize(inside, action, job("ada")) is may[action is P.SUBMIT]
    assert authorize(looking, action, job("ada")) is Verdict.FORBIDDEN
    assert authorize(inside, action, job("bob")) is Verdict.FORBIDDEN
    assert authorize(inside, action, INSTANCE) is Verdict.FORBIDDEN
    assert authorize(inside, action, replace(JOB, job="another")) is Verdict.HIDDEN
    assert authorize(inside, action, THEIRS) is Verdict.HIDDEN
    assert authorize(replace(inside, roles={}), action, JOB) is Verdict.HIDDEN
    assert authorize(inside, action, Resource(project="x", shared_with=("default", "*"))) is Verdict.HIDDEN


def test_lists_of_a_process_reach_its_job_and_what_that_submitted() -> None:
    inside = ada(Role.ADMIN, job="j", scopes=frozenset({P.SEE, P.SUBMIT, P.STEER_OWN}))

    assert reach(inside, P.SEE) == Reach(job="j", parent="j")
    assert reach(inside, P.STEER) == Reach(parent="j")
    assert reach(inside, P.SUBMIT) == reach(replace(inside, roles={}), P.SEE) == Reach()
    assert reach(replace(inside, scopes=frozenset({P.SEE})), P.STEER) == Reach()


def test_each_role_may_do_what_the_one_before_it_may_and_more() -> None:
    roles = [Role.VIEWER, Role.SUBMITTER, Role.OPERATOR, Role.ADMIN]

    assert list(PERMISSIONS) == roles
    assert all(PERMISSIONS[less] < PERMISSIONS[more] for less, more in pairwise(roles))


@pytest.mark.parametrize("action", Permission)
@pytest.mark.parametrize("role", [None, *Role])
def test_what_one_has_no_part_in_is_hidden_whatever_is_asked(action: Permission, role: Role | None) -> None:
    assert authorize(ada(role), action, THEIRS) is Verdict.HIDDEN


@pytest.mark.parametrize("action", [P.SEE, P.STEER, P.SUBMIT, P.MANAGE_RUNNERS, P.FORCE_FINISH, P.MANAGE_MEMBERS])
def test_an_admin_of_the_instance_may_do_everything_everywhere(action: Permission) -> None:
    assert authorize(ada(instance_admin=True), action, THEIRS) is Verdict.ALLOWED
    assert authorize(ada(instance_admin=True), action, INSTANCE) is Verdict.ALLOWED
    assert reach(ada(instance_admin=True), action) is None


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        (Role.VIEWER, Verdict.FORBIDDEN, Verdict.FORBIDDEN),
        (Role.SUBMITTER, Verdict.ALLOWED, Verdict.FORBIDDEN),
        (Role.OPERATOR, Verdict.ALLOWED, Verdict.ALLOWED),
    ],
)
@pytest.mark.parametrize("action", [P.STEER, P.SUBMIT])
def test_submitters_have_their_own_jobs_and_operators_everybodys(
    role: Role, own: Verdict, others: Verdict, action: Permission
) -> None:
    assert authorize(ada(role), action, job("ada")) is own
    assert authorize(ada(role), action, job("bob")) is others


@pytest.mark.parametrize("action", [P.SEE, P.STEER])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("owner", ["ada", "bob"])
def test_lists_reach_exactly_what_would_be_allowed(action: Permission, role: Role, owner: str) -> None:
    actor = Actor(name="ada", roles={"default": role, "third": Role.VIEWER})
    found = reach(actor, action)

    assert found is not None
    for project in ("default", "third", "other"):
        within = project in found.projects or (project in found.own_in and owner == found.owner)
        allowed = authorize(actor, action, Resource(project=project, owner=owner)) is Verdict.ALLOWED
        assert within == allowed


def test_scopes_only_ever_take_away() -> None:
    narrow = ada(Role.ADMIN, scopes=frozenset({P.SEE, P.MANAGE_ACCOUNTS}))

    assert authorize(narrow, P.SEE, job("bob")) is Verdict.ALLOWED
    assert authorize(narrow, P.STEER, job("ada")) is Verdict.FORBIDDEN
    assert authorize(narrow, P.MANAGE_ACCOUNTS, INSTANCE) is Verdict.FORBIDDEN
    assert reach(ada(instance_admin=True, scopes=frozenset({P.SUBMIT})), P.SEE) == Reach()


def test_a_shared_runner_is_seen_by_its_users_and_changed_by_none_of_them() -> None:
    shared = Resource(project="other", shared_with=("default",))

    assert authorize(ada(Role.VIEWER), P.SEE, shared) is Verdict.ALLOWED
    assert authorize(ada(Role.ADMIN), P.MANAGE_RUNNERS, shared) is Verdict.FORBIDDEN
    assert authorize(ada(), P.SEE, Resource(project="other", shared_with=("*",))) is Verdict.HIDDEN


def test_a_refusal_names_the_permission_and_the_role_or_the_scopes() -> None:
    assert str(refusal(ada(Role.VIEWER), P.STEER, job("bob"))) == (
        "this needs the permission 'steer' in project 'default', and the role of 'ada' is viewer"
    )
    assert "the scopes of the token are see" in str(
        refusal(ada(Role.ADMIN, scopes=frozenset({P.SEE})), P.STEER, job("bob"))
    )
    assert "'submit_for_others'" in str(refusal(ada(Role.SUBMITTER), P.SUBMIT, job("bob")))
    assert "'ada' has no role that has it" in str(refusal(ada(), P.MANAGE_ACCOUNTS, INSTANCE))


def text(secret: str = "s" * 43) -> TokenText:
    return TokenText(TokenId("i" * 16), secret)


def a_token(**terms: object) -> Token:
    return Token.issued(text(), TokenTerms(**terms), AccountId("a"), now=NOON)  # type: ignore[arg-type]


def test_a_token_is_known_by_its_text_and_by_no_other() -> None:
    shown = text().revealed

    assert shown.startswith("ryu_iiiiiiiiiiiiiiii_")
    assert parsed(shown) == text()
    for wrong in (shown[:-1], shown + "x", shown.upper(), "x" + shown, shown.replace("s", "t", 1), "", "ryu__"):
        assert parsed(wrong) is None
    assert a_token().opened_by(text())
    assert not a_token().opened_by(text("t" * 43))


def test_a_token_does_not_print_its_secret() -> None:
    assert "sss" not in f"{text()!r} {text()} {a_token()!r}"
    assert "s" * 43 not in a_token().hash


def test_rotating_a_token_keeps_the_old_one_alive_for_the_grace_period_and_no_longer() -> None:
    old, new = a_token(life=timedelta(days=9)), a_token()
    rotated = old.rotated(new, now=NOON + HOUR, grace=HOUR)

    assert rotated.good(NOON + 2 * HOUR - timedelta(microseconds=1))
    assert not rotated.good(NOON + 2 * HOUR)
    assert not old.rotated(new, now=NOON, grace=timedelta(0)).good(NOON)
    assert old.rotated(new, now=NOON, grace=timedelta(days=7)).terms == old.terms
    for spent in (rotated, old.revoked(now=NOON)):
        with pytest.raises(TokenSpent):
            spent.rotated(new, now=NOON + HOUR, grace=HOUR)
    with pytest.raises(InvalidAccount):
        old.rotated(new, now=NOON, grace=timedelta(days=8))


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=366)])
def test_a_token_lives_for_a_year_at_most(life: timedelta) -> None:
    with pytest.raises(InvalidAccount):
        TokenTerms(life=life)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"name": "Ada"}, "/name"),
        ({"name": "admin"}, "/name"),
        ({"email": "nowhere"}, "/email"),
        ({"kind": AccountKind.SERVICE, "password_hash": "h"}, "/password"),
    ],
)
def test_wrong_accounts_are_named(values: dict[str, object], pointer: str) -> None:
    given = {"id": AccountId("a"), "name": "ada", "kind": AccountKind.USER, "created_at": NOON, **values}
    with pytest.raises(InvalidAccount) as refused:
        Account(**given)  # type: ignore[arg-type] # fields by name

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 1025])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(InvalidAccount):
        check_password(password)
