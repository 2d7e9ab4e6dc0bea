"""Two projects with everything that a project can have, and somebody in each role."""

from dataclasses import dataclass
from typing import Any

from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.create_project import CreateProjectCommand
from runyard.application.accounts.create_token import CreateTokenCommand
from runyard.application.accounts.set_role import SetRoleCommand
from runyard.application.jobs.pause_queue import PauseQueue, PauseQueueCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.accounts.permissions import Role
from runyard.domain.accounts.tokens import TokenTerms
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.ids import JobId
from runyard.domain.runners.runner import RunnerKind
from tests.builders import a_job_id
from tests.unit.application.yard import Yard

MINE, THEIRS = "default", "zebra"
PASSWORD = "correct horse battery"
ROLES = ["nobody", *Role, "instance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """An account and how it comes in."""

    name: str
    role: str

    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Tenants:
    """All names of what belongs to the other project begin with its name, so that none of it can hide."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        yard.create_project.execute(CreateProjectCommand(name=THEIRS))
        self.people = {role: self.somebody(f"a-{role}", role, MINE) for role in ROLES}
        self.stranger = self.somebody("zebra-ann", Role.ADMIN, THEIRS)
        self.guest = self.somebody("a-guest", "nobody", MINE)  # whom tests give roles to, and nobody else is
        self.victim = yard.create_token.execute(CreateTokenCommand(account="zebra-ann", terms=TokenTerms(name="zebra")))
        self.ready()
        for project in (MINE, THEIRS):
            asked = PauseQueueCommand(project=project, queue=f"{project}-queue", reason=f"{project} reason")
            PauseQueue(yard.store.begin).execute(asked)
        yard.submit(project=THEIRS, queue="zebra-waiting", name="zebra-waiting", concurrency=Concurrency(key="key"))
        self.theirs = self.finished(THEIRS, "zebra-ann")

    def ready(self) -> None:
        """The other project has its runner."""
        asked = RegisterRunnerCommand(name="zebra-runner", kind=RunnerKind.LOCAL, project=THEIRS)
        self.yard.register_runner.execute(asked)

    def somebody(self, name: str, role: str, project: str) -> Somebody:
        yard = self.yard
        yard.create_account.execute(
            CreateAccountCommand(name=name, password=PASSWORD, instance_admin=role == "instance")
        )
        if role in set(Role):
            yard.set_role.execute(SetRoleCommand(project=project, account=name, role=Role(role)))
        return Somebody(name=name, role=role, token=self.token(name))

    def token(self, account: str, **terms: Any) -> str:
        return self.yard.create_token.execute(
            CreateTokenCommand(account=account, terms=TokenTerms(**terms))
        ).text.revealed

    def token_id(self, account: str) -> str:
        return self.yard.create_token.execute(CreateTokenCommand(account=account)).token.id

    def finished(self, project: str, owner: str) -> JobId:
        """A job that has ended, with names that tell whose it is."""
        job = self.yard.submit(
            project=project,
            owner=owner,
            queue=f"{project}-queue",
            name=f"{project}-job",
            labels={"who": f"{project}-label"},
            env={"WHO": f"{project}-env"},
        )
        self.yard.cancel(job.id)
        return job.id


UNKNOWN: dict[str, str] = {
    "job_id": a_job_id(),
    "runner": "unknown",
    "queue": "unknown",
    "project": "unknown",
    "account": "unknown",
    "name": "unknown",
    "token_id": "u" * 16,
}
"""What nothing is called."""
