"""Who may do what: every route, for every role, on what is one's own, another's, and another project's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from runyard.domain.accounts.permissions import Role
from runyard.entrypoints.http.app import create_app
from tests.unit.application.yard import MemoryYard

from .house import a_client, provided_by
from .tenants import MINE, ROLES, THEIRS, UNKNOWN, Somebody, Tenants
from .test_ssh_runners import FAR

API: Final = "/api/v1"
OWN, ANOTHERS, FOREIGN = "own", "another's", "another project's"
NEVER, ALWAYS = "never", "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The least role that is allowed; `instance` is an admin of the whole, `nobody` is everybody with a token.

    `foreign` is the answer to whoever has no part in it: 404 as of what is not there.
    """

    own: str
    anothers: str
    foreign: str = "instance"
    hidden: int = 404
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    forbidden: int = 403
    unknown: bool = False
    """Whether what is asked for need not be there, in one's own project either."""


def of_project(least: str, **rest: Any) -> Rule:
    return Rule(own=least, anothers=least, **rest)


def of_instance(**rest: Any) -> Rule:
    return Rule(own="instance", anothers="instance", hidden=403, **rest)


def of_everybody(**rest: Any) -> Rule:
    return Rule(own=ALWAYS, anothers=ALWAYS, foreign=ALWAYS, **rest)


SUBMIT = {"command": ["true"], "project": "{project}"}
QUEUE = {"project": "{project}"}
SEE, STEER = of_project(Role.VIEWER), Rule(own=Role.SUBMITTER, anothers=Role.OPERATOR)
OF_A_JOB, OF_A_RUNNER = f"{API}/jobs/{{job_id}}", f"{API}/runners/{{runner}}"
PERSON: Final = {"name": "someone-new"}

RULES: Final[Mapping[tuple[str, str], Rule]] = {
    ("GET", f"{API}/jobs"): of_everybody(),
    ("POST", f"{API}/jobs"): Rule(own=Role.SUBMITTER, anothers=Role.OPERATOR, body={**SUBMIT, "owner": "{owner}"}),
    ("POST", f"{API}/jobs/batch"): Rule(
        own=Role.SUBMITTER, anothers=Role.OPERATOR, body={"jobs": [{**SUBMIT, "owner": "{owner}"}]}
    ),
    ("POST", f"{API}/jobs/explain"): Rule(
        own=Role.SUBMITTER, anothers=Role.OPERATOR, body={**SUBMIT, "owner": "{owner}"}
    ),
    ("POST", f"{API}/jobs/cancel"): of_project(Role.SUBMITTER, body={"project": "{project}", "dry_run": True}),
    ("POST", f"{API}/jobs/rerun"): of_project(Role.SUBMITTER, body={"project": "{project}", "dry_run": True}),
    ("GET", OF_A_JOB): SEE,
    ("GET", f"{OF_A_JOB}/attempts"): SEE,
    ("GET", f"{OF_A_JOB}/explain"): SEE,
    ("GET", f"{OF_A_JOB}/log"): SEE,
    ("GET", f"{OF_A_JOB}/log/stream"): SEE,
    ("POST", f"{OF_A_JOB}/rerun"): of_project(Role.SUBMITTER),
    ("POST", f"{OF_A_JOB}/cancel"): STEER,
    ("POST", f"{OF_A_JOB}/pause"): STEER,
    ("POST", f"{OF_A_JOB}/resume"): STEER,
    ("POST", f"{OF_A_JOB}/force-finish"): of_project(Role.OPERATOR, body={"reason": "gone"}),
    ("GET", f"{API}/runners"): of_everybody(),
    ("POST", f"{API}/runners"): of_instance(body={**FAR, "name": "here"}),
    ("POST", f"{API}/runners/host-key"): of_instance(body={"host": "far"}),
    ("POST", f"{API}/agents"): of_project(Role.OPERATOR, body={"name": "a-new-one", "project": "{project}"}),
    ("POST", f"{OF_A_RUNNER}/registration"): of_project(Role.OPERATOR),
    ("POST", f"{OF_A_RUNNER}/revoke"): of_project(Role.OPERATOR),
    ("POST", f"{OF_A_RUNNER}/check"): of_project(Role.OPERATOR),
    ("GET", OF_A_RUNNER): SEE,
    ("GET", f"{OF_A_RUNNER}/events"): SEE,
    ("PATCH", OF_A_RUNNER): of_project(Role.OPERATOR, body={"slots": 2}),
    ("DELETE", OF_A_RUNNER): of_project(Role.ADMIN),
    ("POST", f"{OF_A_RUNNER}/cordon"): of_project(Role.OPERATOR),
    ("POST", f"{OF_A_RUNNER}/uncordon"): of_project(Role.OPERATOR),
    ("POST", f"{OF_A_RUNNER}/pause"): of_project(Role.OPERATOR, body={"seconds": 1}),
    ("POST", f"{OF_A_RUNNER}/drain"): of_project(Role.OPERATOR),
    ("GET", f"{API}/queues"): of_everybody(),
    ("POST", f"{API}/queues/{{queue}}/pause"): of_project(Role.OPERATOR, query=QUEUE),
    ("POST", f"{API}/queues/{{queue}}/resume"): of_project(Role.OPERATOR, query=QUEUE),
    ("GET", f"{API}/projects"): of_everybody(),
    ("POST", f"{API}/projects"): of_instance(body={"name": "default"}),
    ("GET", f"{API}/projects/{{project}}"): SEE,
    ("PATCH", f"{API}/projects/{{project}}/limits"): Rule(own="instance", anothers="instance", body={"running": 500}),
    ("GET", f"{API}/projects/{{project}}/members"): of_project(Role.ADMIN),
    ("PUT", f"{API}/projects/{{project}}/members/{{account}}"): of_project(Role.ADMIN, body={"role": "viewer"}),
    ("DELETE", f"{API}/projects/{{project}}/members/{{account}}"): of_project(Role.ADMIN),
    ("GET", f"{API}/secrets"): of_project(Role.VIEWER, query=QUEUE),
    ("GET", f"{API}/secrets/{{name}}"): of_project(Role.VIEWER, query=QUEUE, unknown=True),
    ("PUT", f"{API}/secrets/{{name}}"): of_project(Role.ADMIN, query=QUEUE, body={"value": "hush, not a word"}),
    ("DELETE", f"{API}/secrets/{{name}}"): of_project(Role.ADMIN, query=QUEUE, unknown=True),
    ("POST", f"{API}/sealing/rotate"): of_instance(),
    ("GET", f"{API}/me"): of_everybody(),
    ("GET", f"{API}/accounts"): of_instance(),
    ("POST", f"{API}/accounts"): of_instance(body=PERSON),
    ("GET", f"{API}/accounts/{{name}}"): Rule(own=ALWAYS, anothers="instance", hidden=403),
    ("PATCH", f"{API}/accounts/{{name}}"): of_instance(body={"email": "a@b"}),
    ("POST", f"{API}/accounts/{{name}}/password"): Rule(
        own=ALWAYS, anothers="instance", hidden=403, body={"new": "a new one for tests"}
    ),
    ("GET", f"{API}/tokens"): of_everybody(),
    ("POST", f"{API}/tokens"): Rule(own=ALWAYS, anothers="instance", hidden=403, body={"account": "{name}"}),
    ("POST", f"{API}/tokens/{{token_id}}/rotate"): Rule(own=ALWAYS, anothers="instance", forbidden=404),
    ("POST", f"{API}/tokens/{{token_id}}/revoke"): Rule(own=ALWAYS, anothers="instance", forbidden=404),
    ("GET", f"{API}/audit"): of_project(Role.ADMIN, query=QUEUE),
    ("GET", "/metrics"): of_instance(),
}
"""Said here a second time, by routes and roles, so that what the guard says can be wrong."""

FOR_AGENTS: Final = {
    ("POST", f"{API}/agent/{what}")
    for what in ("register", "rotate", "session", "sync", "take", "reports", "bye", "attempts/{attempt}/log")
}
"""No account may do any of this, whatever its roles; see `test_agents.py`."""

OPEN: Final = {("POST", f"{API}/login"), ("GET", "/livez"), ("GET", "/readyz"), ("GET", "/version")}


@pytest.fixture(scope="module")
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture(scope="module")
def door(tenants: Tenants) -> Iterator[Any]:
    with a_client(tenants.yard) as client:
        yield client


def routes() -> set[tuple[str, str]]:
    return {
        (method, route.path_format)
        for route in create_app(provided_by(MemoryYard())).routes
        for method in route.methods - {"OPTIONS"}
        if not route.path.startswith("/schema")
    }


def test_every_route_is_in_the_matrix_or_open_and_nothing_else_is() -> None:
    assert {*RULES, *OPEN, *FOR_AGENTS} == routes()


def names(tenants: Tenants, who: Somebody, whose: str) -> dict[str, str]:
    """What stands in the address and the body of a request about something of this kind."""
    if whose == FOREIGN:
        tenants.ready()  # an admin of the instance may have removed it
        return {
            "job_id": tenants.theirs,
            "runner": "zebra-runner",
            "queue": "zebra-queue",
            "project": THEIRS,
            "account": "zebra-ann",
            "name": "zebra-ann",
            "token_id": tenants.victim.token.id,
            "owner": who.name,
        }
    owner = who.name if whose == OWN else "a-viewer" if who.name != "a-viewer" else "a-operator"
    spare = tenants.token_id(owner)
    return {
        "job_id": tenants.finished(MINE, owner),
        "runner": "here",
        "queue": "some",
        "project": MINE,
        "account": "a-guest",
        "name": owner,
        "token_id": spare,
        "owner": owner,
    }


def filled(value: Any, said: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: said[found[1]], value)
    if isinstance(value, Mapping):
        return {key: filled(each, said) for key, each in value.items()}
    return [filled(each, said) for each in value] if isinstance(value, list) else value


def asked(door: Any, who: Somebody, route: tuple[str, str], said: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """The status and, of a refusal, the problem; of a batch, of its one job."""
    method, path = route
    rule = RULES[route]
    body = {} if rule.body is None else {"json": filled(rule.body, said)}
    params = filled(rule.query, said)
    answer = door.request(method, filled(path, said), params=params, headers=who.headers, **body)
    if answer.status_code < 400 and path.endswith("/batch"):
        problem = answer.json()["items"][0]["problem"]
        return ({"forbidden": 403}.get(problem["type"].rpartition(":")[2], 404), problem) if problem else (200, {})
    return answer.status_code, answer.json() if answer.status_code >= 400 else {}


def least(rule: Rule, whose: str) -> str:
    return {OWN: rule.own, ANOTHERS: rule.anothers, FOREIGN: rule.foreign}[whose]


@pytest.mark.parametrize("whose", [OWN, ANOTHERS, FOREIGN])
@pytest.mark.parametrize("route", sorted(RULES), ids=" ".join)
def test_every_role_may_do_what_the_matrix_says_and_nothing_else(tenants, door, route, whose) -> None:
    rule = RULES[route]
    for role in ROLES:
        who = tenants.people[role]
        status, problem = asked(door, who, route, names(tenants, who, whose))
        cell = (route, role, whose, status, problem.get("detail"))
        if ROLES.index(role) >= ROLES.index(least(rule, whose)):
            assert status < 500, cell
            assert status not in ({401, 403} if rule.unknown else {401, 403, 404}), cell
        elif whose == FOREIGN or role == "nobody":
            assert status == rule.hidden, cell
        else:
            assert status == rule.forbidden, cell
        if status == 403:
            assert re.match(r"this needs the permission '\w+' .+, and .*(role|scopes)", problem["detail"]), cell


def test_where_a_host_is_and_who_may_use_a_runner_is_not_for_operators(tenants, door) -> None:
    runner = f"{API}/runners/here"
    answers = {
        role: [
            door.patch(runner, json={"owners": ["*"]}, headers=tenants.people[role].headers).status_code,
            door.patch(runner, json={"host": "elsewhere"}, headers=tenants.people[role].headers).status_code,
        ]
        for role in (Role.OPERATOR, Role.ADMIN, "instance")
    }

    assert answers == {Role.OPERATOR: [403, 403], Role.ADMIN: [200, 403], "instance": [200, 422]}


def test_how_its_owners_share_a_project_is_for_its_admins_and_how_much_it_has_for_those_of_the_instance(
    tenants, door
) -> None:
    limits = f"{API}/projects/{MINE}/limits"
    answers = {
        role: [
            door.patch(limits, json={"owner": "*", "queued": 900}, headers=tenants.people[role].headers).status_code,
            door.patch(limits, json={"queued": 900}, headers=tenants.people[role].headers).status_code,
        ]
        for role in (Role.OPERATOR, Role.ADMIN, "instance")
    }

    assert answers == {Role.OPERATOR: [403, 403], Role.ADMIN: [200, 403], "instance": [200, 200]}


@pytest.mark.parametrize("route", sorted(RULES), ids=" ".join)
def test_what_is_hidden_is_answered_as_what_is_not_there(tenants, door, route) -> None:
    rule = RULES[route]
    if rule.hidden != 404 or rule.foreign == ALWAYS:
        return
    for role in ROLES[:-1]:
        who = tenants.people[role]
        hidden, unknown = names(tenants, who, FOREIGN), {**UNKNOWN, "owner": who.name}
        there, nowhere = asked(door, who, route, hidden), asked(door, who, route, unknown)
        assert anonymous(there, hidden) == anonymous(nowhere, unknown), (route, role)


def anonymous(answer: tuple[int, dict[str, Any]], said: Mapping[str, str]) -> tuple[int, str]:
    status, problem = answer
    told = repr({key: value for key, value in problem.items() if key != "request_id"})
    for name in sorted(said.values(), key=len, reverse=True):
        told = told.replace(name, "*")
    return status, told
