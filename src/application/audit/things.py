"""What the trail says of things: how they are called, and which of their fields are compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from ...domain.accounts.account import Account
from ...domain.accounts.projects import Project
from ...domain.accounts.tokens import Token
from ...domain.audit.difference import Covered, Field
from ...domain.audit.entry import Subject
from ...domain.jobs.job import Job
from ...domain.jobs.queues import QueuePause
from ...domain.limits.limits import LimitKind, ProjectLimits
from ...domain.runners.agent import AgentSide
from ...domain.runners.passes import PassKind, RunnerPass
from ...domain.runners.runner import Runner
from ...domain.runners.ssh import SshTarget
from ...domain.secrets.secret import Secret

ACCOUNT: Final = "account"
TOKEN: Final = "token"  # noqa: S105 - the word
PROJECT: Final = "project"
RUNNER: Final = "runner"
QUEUE: Final = "queue"
SECRET: Final = "secret"  # noqa: S105 - the word
LIMITS: Final = "limits"
JOB: Final = "job"
JOBS: Final = "jobs"
SEALING_KEY: Final = "sealing_key"
STORE: Final = "store"

_Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something at one moment."""

    subject: Subject
    project: str | None
    fields: _Fields = field(default_factory=dict)


def account(value: Account) -> Thing:
    password = Covered(value.password_hash) if value.password_hash is not None else None
    fields: dict[str, Field] = {
        "kind": value.kind.value,
        "email": value.email,
        "password": password,
        "instance_admin": value.instance_admin,
        "disabled_at": value.disabled_at,
        **{f"role in {project}": role.value for project, role in value.roles.items()},
    }
    return Thing(Subject(kind=ACCOUNT, id=value.id, name=value.name), None, fields)


def token(value: Token, owner: str | None) -> Thing:
    fields: dict[str, Field] = {
        "account": owner,
        "scopes": None if value.scopes is None else tuple(sorted(value.scopes)),
        "expires_at": value.expires_at,
        "revoked_at": value.revoked_at,
        "replaced_by": value.replaced_by,
    }
    return Thing(Subject(kind=TOKEN, id=value.id, name=value.name or None), None, fields)


def project(value: Project) -> Thing:
    return Thing(Subject(kind=PROJECT, name=value.name), value.name)


def runner(value: Runner) -> Thing:
    closed, looked = value.availability, value.checked
    fields: dict[str, Field] = {
        "kind": value.kind.value,
        "slots": value.slots,
        "queues": value.queues,
        "shared_with": value.shared_with,
        "owners": value.owners,
        "availability": closed.state.value,
        "until": closed.until,
        "note": closed.note,
        **{f"label {name}": label for name, label in value.labels.items()},
        **(_target(value.ssh) if value.ssh else {}),
        **(_machine(value.agent) if value.agent else {}),
        "checked_at": looked.at if looked else None,
        "fit": looked.fit if looked else None,
    }
    return Thing(Subject(kind=RUNNER, id=value.id, name=value.name), value.project, fields)


def runner_token(value: RunnerPass) -> str:
    """What is told of it among the fields of its runner."""
    if value.is_revoked:
        return "revoked"
    if value.replaced_by is not None:
        return f"exchanged for {value.replaced_by}"
    end = value.expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"to register with until {end}" if value.kind is PassKind.JOIN else f"until {end}"


def queue(of: str, name: str, pause: QueuePause | None) -> Thing:
    fields: _Fields = {"paused_since": pause.since, "until": pause.until, "note": pause.reason} if pause else {}
    return Thing(Subject(kind=QUEUE, name=name), of, fields)


def secret(of: str, name: str, value: Secret | None) -> Thing:
    fields: _Fields = {"version": value.version, "set_by": value.set_by} if value else {}
    return Thing(Subject(kind=SECRET, name=name), of, fields)


def limits(value: ProjectLimits) -> Thing:
    """Called after the owner they are for; without a name they are for the whole project."""
    fields: _Fields = {kind.value: value.limits.of(kind) for kind in LimitKind}
    return Thing(Subject(kind=LIMITS, name=value.owner), value.project, fields)


def job(value: Job) -> Thing:
    """Its project is not known to it."""
    fields: dict[str, Field] = {
        "state": value.state.value,
        "reason": value.reason,
        "message": value.message,
        "cancel_requested_at": value.cancel_requested_at,
    }
    return Thing(Subject(kind=JOB, id=value.id), None, fields)


def _target(target: SshTarget) -> _Fields:
    kept = target.login.kept
    return {
        "host": target.host,
        "port": target.port,
        "user": target.user,
        "key_file": target.login.key_file,
        "agent": target.login.agent,
        "kept": None if kept is None else f"{kept.told}, version {kept.version}",
        "host_keys": tuple(map(str, target.host_keys)),
        "work_root": target.work_root,
    }


def _machine(side: AgentSide) -> _Fields:
    return {"registered_at": side.registered_at, "machine": side.facts.hostname if side.facts else None}
