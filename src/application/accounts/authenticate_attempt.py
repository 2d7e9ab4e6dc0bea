"""Authenticate an attempt: of which attempt this token is, and what its job may do now."""

from collections.abc import Mapping
from datetime import datetime

from ...domain.accounts.access import Actor
from ...domain.accounts.errors import AccountNotFound, Presented, Unauthenticated
from ...domain.accounts.permissions import Role
from ...domain.accounts.tokens import TokenText, compared_with_nobody, parsed
from ...domain.jobs.access import ATTEMPT_PREFIX, SCOPES, AttemptToken
from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.job import Job
from ..ports.accounts import AccountReading
from ..ports.attempt_tokens import HoldersReading
from ..ports.work import Begin
from .authenticate import AuthenticateCommand

KIND = "attempt"
_INSTEAD = "outside of a job, come with a token of an account: `runyard token create`"


class AuthenticateAttempt:
    """Nothing of a token ever changes: it is good while its attempt lives and its host may still be running it."""

    def __init__(self, read: Begin[HoldersReading]) -> None:
        self._read = read

    def execute(self, command: AuthenticateCommand) -> Actor:
        """The owner of the job, within the job; or `Unauthenticated`, which tells who has the secret why."""
        text = parsed(command.presented, ATTEMPT_PREFIX)
        if text is None:
            raise _unknown()
        with self._read() as reading:
            token = _known(reading, text)
            try:
                found = reading.jobs.summary(token.ref.job_id)
            except JobNotFound:
                raise _unknown() from None
            _check(token, found.job, reading.now())
            spec = found.outline.shown
            roles = _roles(reading.accounts, spec.owner, spec.project, token)
        return Actor(
            name=spec.owner, kind=KIND, roles=roles, scopes=SCOPES[spec.access], token=token.id, job=token.ref.job_id
        )


def _known(reading: HoldersReading, text: TokenText) -> AttemptToken:
    token = reading.attempt_tokens.get(text.id)
    if token is None:
        compared_with_nobody(text)
    elif token.opened_by(text):
        return token
    raise _unknown()


def _check(token: AttemptToken, job: Job, now: datetime) -> None:
    """`Unauthenticated` unless the attempt lives, and its host has not been silent for so long that it ended it."""
    which = f"this is the token of attempt {token.ref.number} of job {token.ref.job_id}"
    if not job.live or job.ref != token.ref:
        sentence = f"{which}, which has ended, and its token with it; {_INSTEAD}"
        raise Unauthenticated(sentence, Presented(why="ended_attempt", token=token.id))
    if job.current.lapsed(now):
        sentence = f"{which}, whose runner was not heard of for as long as its lease lasts; {_INSTEAD}"
        raise Unauthenticated(sentence, Presented(why="lapsed_attempt", token=token.id))


def _roles(accounts: AccountReading, owner: str, project: str, token: AttemptToken) -> Mapping[str, Role]:
    """What the owner is in the project now. Who has no account was let submit by somebody who may do everything."""
    try:
        account = accounts.named(owner)
    except AccountNotFound:
        return {project: Role.SUBMITTER}
    if account.disabled_at is not None:
        sentence = f"the account {owner!r}, whose job this is, is disabled"
        raise Unauthenticated(sentence, Presented(why="disabled_account", account=account.id, token=token.id))
    role = Role.ADMIN if account.instance_admin else account.roles.get(project)
    return {project: role} if role else {}


def _unknown() -> Unauthenticated:
    return Unauthenticated("this token does not open the door", Presented(why="unknown_token"))
