"""The audit trail: what has an entry, what it says, and who reads it. Generated from the routes, so none can forget."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from runyard.application.jobs.pause_job import PauseJobCommand
from runyard.application.ports.executor import Started
from runyard.application.ports.work import StoreUnavailable
from runyard.application.runners.add_agent import AddAgentCommand
from runyard.application.runners.add_runner import AddRunnerCommand
from runyard.application.secrets.set_secret import SetSecretCommand
from runyard.domain.accounts.permissions import Role
from runyard.domain.audit.entry import AuditEntry, AuditFilter
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.lanes import Placement
from runyard.domain.secrets.secret import SecretValue
from runyard.entrypoints import doorkeeper
from runyard.entrypoints.http.addresses import number_cursor
from tests.builders import a_target
from tests.unit.application.yard import MemoryYard

from .house import JOBS, TOKEN, WITH_TOKEN, a_client
from .tenants import PASSWORD, THEIRS, Tenants
from .test_agents import Box, bearer
from .test_matrix import API, FOR_AGENTS, FOREIGN, OF_A_JOB, OF_A_RUNNER, RULES, filled, names, routes
from .test_ssh_runners import FAR

AUDIT: Final = f"{API}/audit"
HUSH: Final = "hush, not a word"

ROUTINE: Final = {
    ("POST", f"{API}/jobs"),  # what everybody does all day; the job says who
    ("POST", f"{API}/jobs/batch"),
    ("POST", f"{API}/jobs/explain"),  # changes nothing
    ("POST", f"{OF_A_JOB}/rerun"),  # a new job of one's own, which says whose it is and what it repeats
    ("POST", f"{API}/runners/host-key"),  # changes nothing
}
"""Routes that are no GET and leave no entry, each with the reason."""


BY_MACHINES: Final = {
    ("POST", f"{API}/agent/{what}"): {"register": "register_agent", "rotate": "rotate_agent"}.get(what)
    for what in ("register", "rotate", "session", "sync", "take", "reports", "bye", "attempts/{attempt}/log")
}
"""What a machine does by its own token, and how its entry calls that; what has none it does all day."""


@dataclass(frozen=True, slots=True)
class Deed:
    """How a route is made to do something, and what its entry tells."""

    action: str
    resource: str
    body: Mapping[str, Any] | None = None
    project: str | None = THEIRS
    after: Mapping[str, Any] = field(default_factory=dict)


CANCEL: Final = {"project": THEIRS}
DOES: Final[Mapping[tuple[str, str], Deed]] = {
    ("POST", f"{API}/jobs/cancel"): Deed("cancel_jobs", "jobs", body=CANCEL),
    ("POST", f"{API}/jobs/rerun"): Deed("rerun_jobs", "jobs", body={**CANCEL, "state": ["cancelled"]}),
    ("POST", f"{OF_A_JOB}/cancel"): Deed("cancel_job", "job:{job_id}", project="default", after={"state": "cancelled"}),
    ("POST", f"{OF_A_JOB}/pause"): Deed("pause_job", "job:{job_id}", project="default", after={"state": "paused"}),
    ("POST", f"{OF_A_JOB}/resume"): Deed("resume_job", "job:{job_id}", project="default", after={"state": "running"}),
    ("POST", f"{OF_A_JOB}/force-finish"): Deed(
        "force_finish", "job:{job_id}", project="default", after={"state": "failed", "reason": "forced"}
    ),
    ("POST", f"{API}/runners"): Deed(
        "add_runner", "runner:new", body={**FAR, "name": "new"}, project="default", after={"kind": "ssh"}
    ),
    ("POST", f"{OF_A_RUNNER}/check"): Deed("check_runner", "runner:far", project="default"),
    ("PATCH", OF_A_RUNNER): Deed("edit_runner", "runner:zebra-runner", body={"slots": 7}, after={"slots": 7}),
    ("DELETE", OF_A_RUNNER): Deed("remove_runner", "runner:zebra-runner"),
    ("POST", f"{OF_A_RUNNER}/cordon"): Deed(
        "cordon_runner", "runner:zebra-runner", body={"note": "why"}, after={"availability": "cordoned"}
    ),
    ("POST", f"{OF_A_RUNNER}/uncordon"): Deed("uncordon_runner", "runner:zebra-runner"),
    ("POST", f"{OF_A_RUNNER}/pause"): Deed(
        "pause_runner", "runner:zebra-runner", body={"seconds": 9}, after={"availability": "paused"}
    ),
    ("POST", f"{OF_A_RUNNER}/drain"): Deed("drain_runner", "runner:zebra-runner", after={"availability": "draining"}),
    ("POST", f"{API}/agents"): Deed(
        "add_agent", "runner:new", body={"name": "new", "project": THEIRS}, after={"kind": "agent", "slots": 1}
    ),
    ("POST", f"{OF_A_RUNNER}/registration"): Deed("invite_agent", "runner:zebra-agent"),
    ("POST", f"{OF_A_RUNNER}/revoke"): Deed("revoke_agent", "runner:zebra-agent"),
    ("POST", f"{API}/queues/{{queue}}/pause"): Deed(
        "pause_queue", "queue:zebra-queue", body={"reason": "other"}, after={"note": "other"}
    ),
    ("POST", f"{API}/queues/{{queue}}/resume"): Deed("resume_queue", "queue:zebra-queue"),
    ("POST", f"{API}/projects"): Deed("create_project", "project:new", body={"name": "new"}, project="new"),
    ("PATCH", f"{API}/projects/{{project}}/limits"): Deed(
        "change_limits", "limits:ann", body={"owner": "ann", "queued": 5}, after={"queued": 5}
    ),
    ("PUT", f"{API}/projects/{{project}}/members/{{account}}"): Deed(
        "set_role", "account:zebra-ann", body={"role": "viewer"}, after={"role in zebra": "viewer"}
    ),
    ("DELETE", f"{API}/projects/{{project}}/members/{{account}}"): Deed("set_role", "account:zebra-ann", after={}),
    ("PUT", f"{API}/secrets/{{name}}"): Deed(
        "set_secret", "secret:zebra-ann", after={"set_by": "a-instance", "version": 1}
    ),
    ("DELETE", f"{API}/secrets/{{name}}"): Deed("remove_secret", "secret:zebra-ann"),
    ("POST", f"{API}/sealing/rotate"): Deed("rotate_key", "sealing_key:*", project=None),
    ("POST", f"{API}/accounts"): Deed(
        "create_account",
        "account:new",
        body={"name": "new", "password": PASSWORD},
        project=None,
        after={"kind": "user", "password": "set"},
    ),
    ("PATCH", f"{API}/accounts/{{name}}"): Deed(
        "edit_account", "account:zebra-ann", project=None, after={"email": "a@b"}
    ),
    ("POST", f"{API}/accounts/{{name}}/password"): Deed(
        "set_password", "account:zebra-ann", project=None, after={"password": "set"}
    ),
    ("POST", f"{API}/tokens"): Deed("create_token", "token:*", project=None, after={"account": "zebra-ann"}),
    ("POST", f"{API}/tokens/{{token_id}}/rotate"): Deed("rotate_token", "token:zebra", project=None),
    ("POST", f"{API}/tokens/{{token_id}}/revoke"): Deed("revoke_token", "token:zebra", project=None),
    ("POST", f"{API}/login"): Deed(
        "log_in",
        "token:login",
        body={"name": "zebra-ann", "password": PASSWORD},
        project=None,
        after={"account": "zebra-ann"},
    ),
}


@pytest.fixture
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture
def door(tenants: Tenants, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(doorkeeper, "REMEMBERED_SECONDS", 0.0)
    with a_client(tenants.yard) as client:
        yield client


def trail(tenants: Tenants, **which: Any) -> list[AuditEntry]:
    with tenants.yard.store.read() as reading:
        return list(reading.audit.page(AuditFilter(**which), after=None, limit=200).items)


def a_job(tenants: Tenants, path: str) -> JobId:
    """A job of a submitter, as far as it has to be for what is asked of it."""
    yard = tenants.yard
    job = yard.assigned(owner="a-submitter")
    if path.endswith("/cancel"):
        return yard.submit(owner="a-submitter").id
    yard.report(Started(job.ref, "group"), fence=job.fence)
    if path.endswith("/resume"):
        yard.pause_job.execute(PauseJobCommand(job_id=job.id))
    return job.id


def prepared(tenants: Tenants, route: tuple[str, str]) -> dict[str, str]:
    """What stands in the address, and is there."""
    method, path = route
    said = names(tenants, tenants.people["instance"], FOREIGN)
    if path.startswith(OF_A_JOB):
        said["job_id"] = a_job(tenants, path)
    if path in (f"{OF_A_RUNNER}/registration", f"{OF_A_RUNNER}/revoke"):
        tenants.yard.add_agent.execute(AddAgentCommand(name="zebra-agent", project=THEIRS))
        said["runner"] = "zebra-agent"
    if path == f"{OF_A_RUNNER}/check":
        tenants.yard.add_runner.execute(AddRunnerCommand(name="far", target=a_target()))
        said["runner"] = "far"
    if method == "DELETE" and "/secrets/" in path:
        value = SecretValue(HUSH)
        tenants.yard.set_secret.execute(SetSecretCommand(project=THEIRS, name=said["name"], value=value, by="x"))
    return said


def done(door: Any, tenants: Tenants, route: tuple[str, str], said: Mapping[str, str]) -> Any:
    method, path = route
    rule = RULES.get(route)
    body = DOES[route].body if route in DOES and DOES[route].body is not None else rule.body if rule else None
    asked = {} if body is None else {"json": filled(body, said)}
    params = filled(rule.query, said) if rule else {}
    return door.request(method, filled(path, said), params=params, headers=tenants.people["instance"].headers, **asked)


def test_every_route_that_may_change_something_is_told_or_said_to_be_routine() -> None:
    assert {*DOES, *ROUTINE, *BY_MACHINES} == {
        (method, path) for method, path in routes() if method not in {"GET", "HEAD"}
    }
    assert {*BY_MACHINES} == FOR_AGENTS


@pytest.mark.parametrize("route", sorted(BY_MACHINES), ids=" ".join)
def test_what_a_machine_does_is_told_as_the_table_says(door, tenants, route) -> None:
    box = Box(door)
    tenants.yard.submit(placement=Placement(runner="box"))
    taken = box.takes()
    ticket = door.post(f"{API}/runners/box/registration", headers=WITH_TOKEN).json()["token"]
    told = len(trail(tenants))
    started = {**{name: taken[name] for name in ("job", "attempt", "fence")}, "kind": "started"}
    what = route[1].removeprefix(f"{API}/agent/")

    answer = {
        "register": lambda: door.post(route[1], headers=bearer(ticket)),
        "rotate": lambda: box.posts("rotate"),
        "session": lambda: box.posts("session", {"driver": "box"}),
        "sync": lambda: box.posts("sync", {"epoch": box.epoch}),
        "take": lambda: box.posts(f"take?epoch={box.epoch}"),
        "reports": lambda: box.posts("reports", {"reports": [started]}),
        "bye": lambda: box.posts("bye", {"epoch": box.epoch}),
        "attempts/{attempt}/log": lambda: box.writes(taken, 0, b"out"),
    }[what]()

    assert answer.status_code < 300, answer.text
    entries = trail(tenants)[: len(trail(tenants)) - told]
    assert [(entry.action, entry.doer.name, entry.doer.kind, entry.address) for entry in entries] == [
        (action, "box", "runner", "testclient") for action in [BY_MACHINES[route]] if action
    ]


@pytest.mark.parametrize("route", sorted(DOES), ids=" ".join)
def test_what_is_done_has_exactly_one_entry(door, tenants, route) -> None:
    deed, said = DOES[route], prepared(tenants, route)
    assert trail(tenants) == []

    answer = done(door, tenants, route, said)

    assert answer.status_code < 300, answer.text
    (entry,) = trail(tenants)
    resource = filled(deed.resource, said)
    kind, _, thing = resource.partition(":")
    assert (entry.action, entry.outcome, entry.project) == (deed.action, "done", deed.project)
    assert entry.subject.kind == kind
    assert thing in ("", "*") or thing in (entry.subject.id, entry.subject.name)
    assert entry.after == {**entry.after, **deed.after}
    who = "zebra-ann" if deed.action == "log_in" else "a-instance"
    assert (entry.doer.name, entry.doer.kind, entry.address) == (who, "user", "testclient")
    assert entry.doer.token


@pytest.mark.parametrize("route", sorted(ROUTINE), ids=" ".join)
def test_what_is_routine_has_none(door, tenants, route) -> None:
    said = {**prepared(tenants, ("GET", "")), "job_id": tenants.theirs}

    assert done(door, tenants, route, said).status_code < 300
    assert trail(tenants) == []


@pytest.mark.parametrize("route", sorted({*DOES} - {("POST", f"{API}/login")}), ids=" ".join)
def test_what_is_forbidden_is_told_as_refused(door, tenants, route) -> None:
    method, path = route
    rule, said = RULES[route], names(tenants, tenants.people[Role.VIEWER], FOREIGN)
    body = {} if rule.body is None else {"json": filled(rule.body, said)}
    params = filled(rule.query, said)
    answer = door.request(
        method, filled(path, said), params=params, headers=tenants.people[Role.VIEWER].headers, **body
    )

    assert answer.status_code in (403, 404)
    (entry,) = trail(tenants)
    assert (entry.outcome, entry.action, entry.doer.name) == ("refused", DOES[route].action, "a-viewer")
    assert entry.reason
    assert entry.before == {}


def test_what_fails_for_other_reasons_has_no_entry(door, tenants) -> None:
    admin = tenants.people["instance"].headers
    taken = door.post(f"{API}/accounts", json={"name": "a-viewer"}, headers=admin)
    wrong = door.patch(f"{API}/accounts/a-viewer", json={"email": "nowhere"}, headers=admin)
    nobody = door.post(f"{API}/runners/nobody/cordon", headers=admin)

    assert [taken.status_code, wrong.status_code, nobody.status_code] == [409, 422, 404]
    assert trail(tenants) == []


def test_an_entry_says_what_is_different_and_nothing_else(door, tenants) -> None:
    admin, runner = tenants.people["instance"].headers, f"{API}/runners/zebra-runner"
    door.patch(runner, json={"labels": {"zone": "a", "gpu": "no"}, "slots": 3}, headers=admin)
    door.patch(runner, json={"labels": {"zone": "b"}}, headers=admin)
    door.put(f"{API}/projects/zebra/members/a-viewer", json={"role": "operator"}, headers=admin)
    door.put(f"{API}/projects/zebra/members/a-viewer", json={"role": "viewer"}, headers=admin)

    changed, granted, second, first = trail(tenants)
    assert (first.before, first.after) == ({"slots": 1}, {"label gpu": "no", "label zone": "a", "slots": 3})
    assert (second.before, second.after) == ({"label gpu": "no", "label zone": "a"}, {"label zone": "b"})
    assert (granted.before, granted.after) == ({}, {"role in zebra": "operator"})
    assert (changed.before, changed.after) == ({"role in zebra": "operator"}, {"role in zebra": "viewer"})


def test_limits_are_told_of_the_owner_they_are_for_even_if_nothing_is_different(door, tenants) -> None:
    admin, limits = tenants.people["instance"].headers, f"{API}/projects/zebra/limits"
    for owner, queued in (("ann", 5), ("zoe", 6), ("ann", 5), (None, 7), ("ann", None)):
        door.patch(limits, json={"owner": owner, "queued": queued}, headers=admin)

    told = [(entry.subject.name, dict(entry.before), dict(entry.after)) for entry in reversed(trail(tenants))]
    assert told == [
        ("ann", {}, {"queued": 5}),
        ("zoe", {}, {"queued": 6}),
        ("ann", {}, {}),
        (None, {}, {"queued": 7}),
        ("ann", {"queued": 5}, {}),
    ]


def test_steering_ones_own_job_is_routine_and_the_admin_tokens_holder_is_told_as_such(door, tenants) -> None:
    mine = tenants.yard.submit(owner="a-submitter")
    door.post(f"{JOBS}/{mine.id}/cancel", headers=tenants.people["submitter"].headers)
    assert trail(tenants) == []

    again = tenants.yard.submit(owner="a-submitter")
    door.post(f"{JOBS}/{again.id}/cancel", headers=WITH_TOKEN)
    (entry,) = trail(tenants)
    assert (entry.doer.name, entry.doer.kind, entry.doer.token) == ("admin", "operating", None)


def test_a_bulk_cancel_of_two_projects_is_told_to_each_of_its_own_jobs(door, tenants) -> None:
    mine = tenants.yard.submit(name="bulk").id
    theirs = tenants.yard.submit(project=THEIRS, name="bulk").id
    door.post(f"{JOBS}/cancel", json={"name": "bulk", "dry_run": True}, headers=WITH_TOKEN)
    assert trail(tenants) == []
    door.post(f"{JOBS}/cancel", json={"name": "bulk"}, headers=WITH_TOKEN)

    told = {entry.project: dict(entry.after) for entry in trail(tenants)}
    assert told == {"default": {"cancelled": (mine,)}, THEIRS: {"cancelled": (theirs,)}}


def test_no_secret_is_ever_in_it(door, tenants) -> None:
    admin = tenants.people["instance"]
    door.post(f"{API}/accounts", json={"name": "new", "password": "a new password"}, headers=admin.headers)
    door.post(f"{API}/accounts/new/password", json={"new": "a newer password"}, headers=admin.headers)
    door.put(f"{API}/secrets/KEY", params={"project": THEIRS}, json={"value": HUSH}, headers=admin.headers)
    made = door.post(f"{API}/tokens", json={}, headers=admin.headers).json()["text"]
    logged = door.post(f"{API}/login", json={"name": "new", "password": "a newer password"}).json()["text"]
    door.post(f"{API}/login", json={"name": "hunter2hunter2", "password": "no password of ours"})
    door.get(f"{API}/me", headers={"Authorization": f"Bearer {made[:-1]}"})

    entries = trail(tenants)
    assert len(entries) == 7
    told = repr(entries) + door.get(AUDIT, headers=WITH_TOKEN).text
    hidden = ["a new password", "a newer password", HUSH, made[21:], logged[21:], "no password", "hunter2", TOKEN]
    with tenants.yard.store.read() as reading:
        hidden += [account.password_hash for account in reading.accounts.all() if account.password_hash]
    assert [each for each in hidden if each in told] == []


def test_whom_the_door_turns_away_is_told_and_nobody_fills_the_disk(door, tenants) -> None:
    stranger = tenants.stranger.name
    revoked = tenants.victim
    door.post(f"{API}/tokens/{revoked.token.id}/revoke", headers=WITH_TOKEN)
    for _ in range(20):
        door.get(f"{API}/me", headers={"Authorization": f"Bearer {revoked.text.revealed}"})
    door.post(f"{API}/login", json={"name": stranger, "password": "not this one"})
    door.post(f"{API}/login", json={"name": "nobody", "password": "not this one"})
    door.patch(f"{API}/accounts/{stranger}", json={"disabled": True}, headers=WITH_TOKEN)
    door.get(f"{API}/me", headers=tenants.stranger.headers)
    for number in range(300):
        door.get(f"{API}/me", headers={"Authorization": f"Bearer wrong-{number}"})

    refused = trail(tenants, outcome="refused")
    told = [(each.action, each.reason, each.doer.name, each.doer.token and "token") for each in reversed(refused)]
    assert told == [
        *[("authenticate", "revoked_token", stranger, "token")] * 3,
        ("log_in", "wrong_password", stranger, None),
        ("log_in", "unknown_account", None, None),
        ("authenticate", "disabled_account", stranger, "token"),
        *[("authenticate", "unknown_token", None, None)] * 3,
    ]
    tenants.yard.clock.advance(61)
    door.get(f"{API}/me", headers={"Authorization": f"Bearer {revoked.text.revealed}"})
    assert trail(tenants)[0].after == {"left_out": 17}


def test_a_store_that_does_not_answer_changes_no_refusal(door, tenants, monkeypatch) -> None:
    monkeypatch.setattr(tenants.yard.record_refusal, "_begin", broken)

    assert door.get(f"{API}/me", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert door.get(f"{API}/accounts", headers=tenants.people["viewer"].headers).status_code == 403


def broken() -> Any:
    raise StoreUnavailable("not now")


def test_admins_of_a_project_read_what_was_done_there_and_nothing_else(door, tenants) -> None:
    for project in ("default", THEIRS):
        door.post(f"{API}/queues/q/pause", params={"project": project}, headers=WITH_TOKEN)
    door.post(f"{API}/accounts", json={"name": "new"}, headers=WITH_TOKEN)

    def read(headers: dict[str, str], **params: str) -> Any:
        return door.get(AUDIT, params=params, headers=headers)

    mine, theirs = tenants.people[Role.ADMIN].headers, tenants.stranger.headers
    assert [each["project"] for each in read(WITH_TOKEN).json()["items"]] == [None, THEIRS, "default"]
    assert [each["project"] for each in read(mine).json()["items"]] == ["default"]
    assert [each["project"] for each in read(theirs).json()["items"]] == [THEIRS]
    assert read(mine, project=THEIRS).status_code == 404
    assert read(tenants.people[Role.OPERATOR].headers).status_code == 403
    assert read(tenants.people["nobody"].headers).status_code == 403


def test_pages_and_filters_over_http(door, tenants) -> None:
    for verb in ("cordon", "uncordon", "cordon"):
        door.post(f"{API}/runners/here/{verb}", headers=WITH_TOKEN)
    door.post(f"{API}/queues/q/pause", headers=WITH_TOKEN)

    def read(**params: Any) -> Any:
        return door.get(AUDIT, params=params, headers=WITH_TOKEN).json()

    first = read(limit=3)
    assert [each["action"] for each in first["items"]] == ["pause_queue", "cordon_runner", "uncordon_runner"]
    rest = read(limit=3, cursor=first["next_cursor"])
    assert ([each["action"] for each in rest["items"]], rest["next_cursor"]) == (["cordon_runner"], None)
    assert len(read(resource="runner:here", action="cordon_runner", actor="admin", outcome="done")["items"]) == 2
    assert len(read(action="manage_runners", resource="runner")["items"]) == 3
    assert read(since="2031-01-01T00:00:00Z")["items"] == read(until="2029-01-01T00:00:00Z")["items"] == []
    entry = read(limit=1)["items"][0]
    assert entry["resource"] == {"kind": "queue", "id": None, "name": "q"}
    assert entry["actor"] == {"name": "admin", "kind": "operating", "token_id": None}
    wrong = [
        {"cursor": "x"},
        {"cursor": number_cursor((1 << 64) - 1)},
        {"since": "soon"},
        {"limit": 0},
        {"actor": "\0"},
    ]
    assert {door.get(AUDIT, params=each, headers=WITH_TOKEN).status_code for each in wrong} == {400}
