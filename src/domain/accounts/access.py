"""The one place that decides who may do what to which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from .errors import Forbidden
from .ids import AccountId, TokenId
from .permissions import OF_EVERYBODY, PERMISSIONS, Permission, Role

_EVERYTHING: Final = frozenset(Permission)
_EVERY_PROJECT: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who asks. `scopes` is what the token is for, None being all; `address` is where it was asked from.

    `kind` is that of the account. `job`: not the account itself asks, but a process of this job of its, which may mean
    that job and those it submitted, and nothing else.
    """

    name: str
    kind: str = "user"
    account: AccountId | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    instance_admin: bool = False
    scopes: frozenset[Permission] | None = None
    token: TokenId | None = None
    address: str | None = None
    job: str | None = None

    def may_in(self, project: str) -> frozenset[Permission]:
        """All that this actor may do in a project."""
        role = self.roles.get(project)
        allowed = _EVERYTHING if self.instance_admin else PERMISSIONS[role] if role else frozenset[Permission]()
        return allowed if self.scopes is None else allowed & self.scopes

    @property
    def may_anyway(self) -> frozenset[Permission]:
        """What is allowed outside of every project."""
        allowed = _EVERYTHING if self.instance_admin else OF_EVERYBODY
        return allowed if self.scopes is None else allowed & self.scopes


OPERATING_ACCOUNT: Final = Actor(name="admin", kind="operating", instance_admin=True)
"""Whoever holds the admin token, or the data directory itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What something is about: a thing of a `project` (None: of the whole instance) and, of jobs, an `owner`.

    A runner may be `shared_with` other projects, `*` being all: its users see it. `job`: it is the job of this id, and
    a process of the job `parent` submitted it.
    """

    project: str | None = None
    owner: str | None = None
    shared_with: tuple[str, ...] = ()
    job: str | None = None
    parent: str | None = None


INSTANCE: Final = Resource()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The jobs somebody may mean: all of some `projects`, and in `own_in` those that are the `owner`'s; the `job` of
    this id, and those that the job `parent` submitted.
    """

    projects: frozenset[str] = frozenset()
    own_in: frozenset[str] = frozenset()
    owner: str = ""
    job: str | None = None
    parent: str | None = None


class Verdict(Enum):
    """What was decided. What is hidden must look as if it were not there."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    FORBIDDEN = "forbidden"


def authorize(actor: Actor, action: Permission, resource: Resource) -> Verdict:
    """Whether the actor may do that to this; what an actor has no part in is hidden."""
    if resource.project is None:
        return Verdict.ALLOWED if action in actor.may_anyway else Verdict.FORBIDDEN
    if actor.job is not None:
        return _within_job(actor, action, resource)
    if not _part_in(actor, resource):
        return Verdict.HIDDEN
    allowed = actor.may_in(resource.project)
    if action is Permission.SEE and any(action in actor.may_in(each) for each in _users(actor, resource)):
        return Verdict.ALLOWED
    if action is Permission.STEER and resource.owner == actor.name:
        action = Permission.STEER if action in allowed else Permission.STEER_OWN
    if action is Permission.SUBMIT and resource.owner not in (None, actor.name):
        return Verdict.ALLOWED if {action, Permission.SUBMIT_FOR_OTHERS} <= allowed else Verdict.FORBIDDEN
    return Verdict.ALLOWED if action in allowed else Verdict.FORBIDDEN


def reach(actor: Actor, action: Permission) -> Reach | None:
    """The jobs for which `authorize` allows that; None is every job there is."""
    if actor.instance_admin:
        return None if action in actor.may_anyway else Reach()
    if actor.job is not None:
        return _reach_of_job(actor, action)
    projects = frozenset(each for each in actor.roles if action in actor.may_in(each))
    own = frozenset[str]()
    if action is Permission.STEER:
        own = frozenset(each for each in actor.roles if Permission.STEER_OWN in actor.may_in(each)) - projects
    return Reach(projects=projects, own_in=own, owner=actor.name)


def projects_of(actor: Actor, action: Permission) -> frozenset[str] | None:
    """The projects in which the actor may do that to everything; None is every project there is."""
    found = reach(actor, action)
    return None if found is None else found.projects


def refusal(actor: Actor, action: Permission, resource: Resource) -> Forbidden:
    """What to say of a forbidden act: the permission, and why this actor does not have it."""
    if action is Permission.SUBMIT and resource.owner not in (None, actor.name):
        action = Permission.SUBMIT_FOR_OTHERS if action in actor.may_in(resource.project or "") else action
    where = "on this instance" if resource.project is None else f"in project {resource.project!r}"
    role = actor.roles.get(resource.project or "")
    granted = _EVERYTHING if actor.instance_admin else PERMISSIONS[role] if role else OF_EVERYBODY
    if actor.job is not None:
        why = f"this token is that of an attempt of job {actor.job}, {_may_of_job(actor)}"
    elif action in granted and actor.scopes is not None:
        why = f"the scopes of the token are {', '.join(sorted(actor.scopes)) or 'none'}"
    else:
        why = f"the role of {actor.name!r} is {role.value}" if role else f"{actor.name!r} has no role that has it"
    return Forbidden(f"this needs the permission {action.value!r} {where}, and {why}")


def _within_job(actor: Actor, action: Permission, resource: Resource) -> Verdict:
    """What a process of a job may do: look at its own job, look after those it submitted, and submit."""
    allowed = actor.may_in(resource.project or "")
    if not allowed:
        return Verdict.HIDDEN
    if resource.job is None:
        submits = action is Permission.SUBMIT and resource.owner in (None, actor.name)
        return Verdict.ALLOWED if submits and action in allowed else Verdict.FORBIDDEN
    if actor.job not in (resource.job, resource.parent):
        return Verdict.HIDDEN
    steers = action is Permission.STEER and actor.job == resource.parent and Permission.STEER_OWN in allowed
    return Verdict.ALLOWED if steers or action is Permission.SEE else Verdict.FORBIDDEN


def _reach_of_job(actor: Actor, action: Permission) -> Reach:
    allowed = {each for project in actor.roles for each in actor.may_in(project)}
    if action is Permission.SEE and action in allowed:
        return Reach(job=actor.job, parent=actor.job)
    steers = action is Permission.STEER and Permission.STEER_OWN in allowed
    return Reach(parent=actor.job) if steers else Reach()


def _may_of_job(actor: Actor) -> str:
    if actor.scopes and Permission.SUBMIT in actor.scopes:
        return "which may look at that job, submit others and look after those"
    return "which may look at that job, and no more; submit it with the access 'submit' if it shall submit others"


def _part_in(actor: Actor, resource: Resource) -> bool:
    return actor.instance_admin or resource.project in actor.roles or bool(_users(actor, resource))


def _users(actor: Actor, resource: Resource) -> frozenset[str]:
    """The projects of the actor that the thing is shared with."""
    shared = frozenset(actor.roles)
    return shared if _EVERY_PROJECT in resource.shared_with else shared.intersection(resource.shared_with)
