"""Everything there is, read and written in bulk."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from ...application.ports.holdings import KeyLimit, Owner, RowUnreadable, WholeJob, WholeSecret
from ...application.ports.jobs import NewJob
from ...application.ports.submission_keys import Reservation
from ...domain.accounts.account import Account
from ...domain.accounts.projects import DEFAULT_PROJECT, Project
from ...domain.accounts.tokens import Token
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.limits.limits import ProjectLimits
from ...domain.secrets.secret import Secret
from .accounts import MemoryAccounts, MemoryTokens
from .attempt_tokens import MemoryAttemptTokens
from .jobs import MemoryJobs
from .limits import MemoryLimits
from .projects import MemoryProjects
from .state import State

K = TypeVar("K", bound=str)


class MemoryHoldings:
    """Looks at one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def owners(self) -> list[Owner]:
        projects = [each for each in MemoryProjects(self._state).all() if each.name != DEFAULT_PROJECT]
        accounts, tokens = MemoryAccounts(self._state).all(), MemoryTokens(self._state)
        return [
            *projects,
            *MemoryLimits(self._state).all(),
            *accounts,
            *(token for each in accounts for token in tokens.of(each.id)),
        ]

    def jobs(self, *, after: JobId | None, limit: int) -> list[WholeJob]:
        return [self._whole(job_id) for job_id in _page(self._state.jobs, after, limit)]

    def limits(self, *, after: str | None, limit: int) -> list[KeyLimit]:
        return [KeyLimit(key, self._state.limits[key]) for key in _page(self._state.limits, after, limit)]

    def keys(self, *, after: str | None, limit: int) -> list[Reservation]:
        return [self._state.keys[key] for key in _page(self._state.keys, after, limit)]

    def secrets(self, *, after: Secret | None, limit: int) -> list[WholeSecret]:
        last = (after.project, after.name) if after else ("", "")
        page = [secret for key, secret in sorted(self._state.secrets.items()) if key > last][:limit]
        return [self._whole_secret(secret) for secret in page]

    def _whole_secret(self, secret: Secret) -> WholeSecret:
        if secret.place not in self._state.sealed:
            raise RowUnreadable(secret.place.told, "its value is not there")
        return WholeSecret(secret, self._state.sealed[secret.place])

    def _whole(self, job_id: JobId) -> WholeJob:
        job = self._state.jobs[job_id]
        if job_id not in self._state.specs:
            raise RowUnreadable(f"job {job_id}", "there is nothing to run")
        attempts = {ref: attempt for ref, attempt in sorted(self._state.attempts.items()) if ref.job_id == job_id}
        named = job.attempt.number if job.attempt else None
        earlier = tuple(attempt for attempt in attempts.values() if attempt.number != named)
        tokens = sorted(
            (each for each in self._state.attempt_tokens.values() if each.ref.job_id == job_id),
            key=lambda token: token.ref,
        )
        return WholeJob(job, self._state.specs[job_id], earlier, tuple(tokens))


class MemoryIntake:
    """The whole store is held by one unit of work at a time."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._jobs = MemoryJobs(state, now)

    def empty(self) -> bool:
        state = self._state
        held = (state.jobs, state.accounts, state.runners, state.pauses, state.limits, state.keys, state.secrets)
        return not any(held) and not state.project_limits and state.projects.keys() <= {DEFAULT_PROJECT}

    def add_owners(self, owners: Sequence[Owner]) -> None:
        for owner in owners:
            match owner:
                case Project():
                    MemoryProjects(self._state).add(owner)
                case ProjectLimits():
                    MemoryLimits(self._state).save(owner)
                case Account():
                    MemoryAccounts(self._state).add(owner)
                case Token():
                    MemoryTokens(self._state).add(owner)

    def add_jobs(self, jobs: Sequence[WholeJob]) -> None:
        self._jobs.add_all([NewJob(whole.job, whole.spec) for whole in jobs])
        for whole in jobs:
            for attempt in whole.earlier:
                self._state.attempts[AttemptRef(whole.job.id, attempt.number)] = attempt
            MemoryAttemptTokens(self._state).add_all(whole.tokens)

    def add_limits(self, limits: Sequence[KeyLimit]) -> None:
        self._state.limits.update({each.key: each.limit for each in limits})

    def add_keys(self, keys: Sequence[Reservation]) -> None:
        self._state.keys.update({each.key.name: each for each in keys})

    def add_secrets(self, secrets: Sequence[WholeSecret]) -> None:
        for whole in secrets:
            self._state.secrets[whole.secret.project, whole.secret.name] = whole.secret
            self._state.sealed[whole.secret.place] = whole.sealed


def _page(keys: Iterable[K], after: str | None, limit: int) -> list[K]:
    return sorted(key for key in keys if key > (after or ""))[:limit]
