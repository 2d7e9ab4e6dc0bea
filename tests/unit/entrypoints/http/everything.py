"""Two projects that have one of every kind of thing there is, all of it called after its project."""

import json
from dataclasses import dataclass
from typing import Any

from runyard.adapters.memory.clock import ManualClock
from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.create_token import CreateTokenCommand
from runyard.application.accounts.set_role import SetRoleCommand
from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.ports.executor import Reported, Started
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.application.secrets.set_secret import SetSecretCommand
from runyard.domain.accounts.account import AccountKind
from runyard.domain.accounts.permissions import Role
from runyard.domain.accounts.tokens import TokenTerms
from runyard.domain.jobs.attempt import Progress
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import Stream
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import RunnerKind
from runyard.domain.secrets.secret import SecretValue
from tests.contracts.stores import Store
from tests.unit.application.yard import HELLO, Yard, ended

from .house import API, JOBS, output
from .machines import MARKS as MACHINES
from .machines import Machines, machines_of
from .tenants import MINE, THEIRS, Tenants


@dataclass(frozen=True, slots=True)
class Things:
    """What one project has, and what its admin can find of it."""

    project: str
    waiting: JobId
    finished: JobId
    machines: Machines
    marks: frozenset[str]


class Everything(Tenants):
    """Over any store."""

    def __init__(self, store: Store) -> None:
        yard = Yard(store, ManualClock())
        super().__init__(yard)
        self.mine = self._things(MINE, "a-admin")
        self.others = self._things(THEIRS, "zebra-ann")

    def batches(self, client: Any, who: dict[str, str], project: str) -> list[str]:
        """The ids of a batch that was submitted under a key that every project uses."""
        jobs = [
            {"command": ["true"], "project": project, "name": f"{project}-batch", "not_before": "2099-01-01T00:00:00Z"}
        ]
        headers = {**who, "Idempotency-Key": "everybodys-key"}
        answer = client.post(f"{JOBS}/batch", json={"jobs": jobs}, headers=headers).json()
        return [item["id"] for item in answer["items"]]

    def deeds(self, client: Any, who: dict[str, str], things: Things) -> None:
        """Entries of the audit trail, of what was done and what was refused; some tell what nothing else remembers."""
        for note in ("forgotten", "note"):
            body = {"note": f"{things.project}-{note}"}
            answer = client.post(f"{API}/runners/{things.project}-host/cordon", json=body, headers=who)
            assert answer.is_success, answer.text
        used = {"Authorization": f"Bearer {things.machines.ticket}"}
        assert client.post(f"{API}/agent/register", headers=used).status_code == 401

    def _things(self, project: str, owner: str) -> Things:
        yard, called = self.yard, f"{project}-".__add__
        robot = CreateAccountCommand(name=called("robot"), kind=AccountKind.SERVICE)
        yard.create_account.execute(robot)
        yard.set_role.execute(SetRoleCommand(project=project, account=called("robot"), role=Role.SUBMITTER))
        yard.create_token.execute(CreateTokenCommand(account=owner, terms=TokenTerms(name=called("token"))))
        value = SecretValue(called("the value of a secret"))
        yard.set_secret.execute(SetSecretCommand(project=project, name=called("secret"), value=value, by=owner))
        yard.limit(project, owner=called("limited"), queued=900)
        ran = self._ran(project, owner)
        key = Concurrency(key=called("key"), limit=1)
        waiting = yard.submit(project=project, owner=owner, queue=called("line"), name=called("waits"), concurrency=key)
        marks = {
            "limited",
            "robot",
            "token",
            "secret",
            "queue",
            "line",
            "waits",
            "output",
            "message",
            "result",
            "label",
            "env",
            "forgotten",
            "note",
        }
        machines = machines_of(yard, project, owner)
        marks |= MACHINES
        return Things(project, waiting.id, ran.id, machines, frozenset({*map(called, marks), f"{project} reason"}))

    def _ran(self, project: str, owner: str) -> Job:
        """A job of an attempt that wrote, reported and ended."""
        yard, called = self.yard, f"{project}-".__add__
        asked = RegisterRunnerCommand(name=called("host"), kind=RunnerKind.LOCAL, slots=4, project=project)
        runner = yard.register_runner.execute(asked)
        taken = yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=runner.id, driver_id=DriverId(called("driver"))))
        assert taken.runner.driver is not None
        job = yard.submit(
            project=project,
            owner=owner,
            queue=called("ran"),
            name=called("ran"),
            labels={"who": called("label")},
            env={"WHO": called("env")},
        )
        epoch = taken.runner.driver.epoch
        found = yard.assign_jobs.execute(AssignJobsCommand(runner_id=runner.id, epoch=epoch, hello=HELLO, most=100))
        (ours,) = [each.job for each in found if each.job.id == job.id]
        said = Reported(
            ours.ref, Progress(percent=50.0, message=called("message")), json.dumps({"it": called("result")})
        )
        written = called("output").encode()
        yard.report(Started(ours.ref, "cgroup2"), said, fence=ours.fence)
        yard.append(output(ours, 0, (Stream.STDOUT, written)), fence=ours.fence)
        yard.report(ended(ours, log_size=len(written)), fence=ours.fence)
        return ours
