"""What can be asked of a runner."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from ...application.runners.add_agent import AddAgentCommand
from ...application.runners.add_runner import AddRunnerCommand
from ...application.runners.edit_runner import TargetEdit
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.ends import End
from ...domain.errors import FieldProblem, pointer_to
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.logins import KeptKind, KeptLogin, LoginSecret
from ...domain.runners.passes import JOIN_LIFE
from ...domain.runners.settings import ALL_QUEUES, EVERYBODY
from ...domain.runners.ssh import WORK_ROOT, HostKey, SshLogin, SshTarget
from .bodies import Moment
from .request_body import StrictBody


class KeyBody(StrictBody):
    """How to log in: exactly one of these."""

    file: str | None = Field(default=None, description="The private key's absolute path, on each machine that drives.")
    agent: bool = Field(default=False, description="By the ssh-agent of each process that drives.")
    private: str | None = Field(
        default=None,
        repr=False,
        description="A private key without a passphrase. It is kept sealed, and never shown.",
        json_schema_extra={"writeOnly": True},
    )
    password: str | None = Field(
        default=None,
        repr=False,
        description="A password, where the server allows that (`RUNYARD_SSH_PASSWORDS`); kept like a private key.",
        json_schema_extra={"writeOnly": True},
    )

    @property
    def secret(self) -> LoginSecret | None:
        """What shall be kept, or `InvalidRunner`."""
        if self.private is not None and self.password is not None:
            raise InvalidRunner([FieldProblem("/key", "give a private key or a password, not both")])
        if self.private is not None:
            return LoginSecret(KeptKind.KEY, self.private)
        return None if self.password is None else LoginSecret(KeptKind.PASSWORD, self.password)

    @property
    def login(self) -> SshLogin:
        """The way to log in, as far as it may be known."""
        secret = self.secret
        kept = None if secret is None else KeptLogin(kind=secret.kind)
        return SshLogin(key_file=self.file, agent=self.agent, kept=kept)


class HostKeyBody(StrictBody):
    """Where to ask for a host's key."""

    host: str = Field(description="A name or an address, as seen from the server.")
    port: int = 22


class AddRunnerBody(StrictBody):
    """A host that shall be a runner."""

    kind: Literal["ssh"]
    name: str
    host: str = Field(description="A name or an address, as seen from every process that drives it.")
    port: int = 22
    user: str = Field(description="The account there; jobs run as it.")
    key: KeyBody
    host_keys: list[str] = Field(description="The host's public keys, `ssh-ed25519 AAAA…`; two during a rotation.")
    slots: int | None = Field(default=None, description="How many attempts run at once; its cores, unless given.")
    queues: list[str] = Field(default=[ALL_QUEUES], description="The queues it takes from; `*` is all.")
    labels: dict[str, str] = Field(default={})
    work_root: str = Field(default=WORK_ROOT, description="Below this is everything that Runyard keeps there.")
    project: str = Field(default=DEFAULT_PROJECT, description="The project it belongs to.")
    check: bool = Field(default=True, description="Look the host over, and refuse one that cannot be a runner.")

    def command(self) -> AddRunnerCommand:
        """What is asked for, or `InvalidRunner`."""
        target = SshTarget(
            host=self.host,
            port=self.port,
            user=self.user,
            login=self.key.login,
            host_keys=parsed_keys(self.host_keys),
            work_root=self.work_root,
        )
        return AddRunnerCommand(
            name=self.name,
            target=target,
            secret=self.key.secret,
            slots=self.slots,
            queues=tuple(self.queues),
            labels=self.labels,
            check=self.check,
            project=self.project,
        )


class InviteBody(StrictBody):
    """How long a registration token shall be good."""

    expires_in: float = Field(default=JOIN_LIFE.total_seconds(), description="Seconds; an hour unless given.")


class AddAgentBody(InviteBody):
    """A machine that shall come and fetch its work."""

    name: str
    slots: int = Field(default=1, description="How many attempts run at once.")
    queues: list[str] = Field(default=[ALL_QUEUES], description="The queues it takes from; `*` is all.")
    labels: dict[str, str] = Field(default={})
    owners: list[str] = Field(default=[EVERYBODY], description="Whose jobs it takes; `*` is everybody's.")
    project: str = Field(default=DEFAULT_PROJECT, description="The project it belongs to.")

    def command(self) -> AddAgentCommand:
        """What is asked for."""
        return AddAgentCommand(
            name=self.name,
            slots=self.slots,
            queues=tuple(self.queues),
            labels=self.labels,
            owners=tuple(self.owners),
            project=self.project,
            life=life_of(self.expires_in),
        )


class RunnerEditBody(StrictBody):
    """What shall be different; what is left out stays as it is."""

    slots: int | None = Field(default=None, description="How many attempts run at once; fewer end nothing that runs.")
    queues: list[str] | None = Field(default=None, description="The queues it takes from; `*` is all.")
    labels: dict[str, str] | None = Field(default=None, description="All its labels.")
    shared_with: list[str] | None = Field(default=None, description="Other projects that may use it; `*` is all.")
    owners: list[str] | None = Field(default=None, description="Whose jobs it takes; `*` is everybody's.")
    host: str | None = Field(default=None, description="Of a runner of kind `ssh`, as the next four.")
    port: int | None = None
    user: str | None = None
    key: KeyBody | None = None
    host_keys: list[str] | None = Field(default=None, description="All its host keys; two during a rotation.")

    @property
    def target(self) -> TargetEdit:
        """What shall be different about the way there, or `InvalidRunner`."""
        return TargetEdit(
            host=self.host,
            port=self.port,
            user=self.user,
            login=None if self.key is None else self.key.login,
            host_keys=None if self.host_keys is None else parsed_keys(self.host_keys),
        )

    @property
    def secret(self) -> LoginSecret | None:
        """What shall be kept to log in there, or `InvalidRunner`."""
        return None if self.key is None else self.key.secret


class CordonBody(StrictBody):
    """Why the runner is closed."""

    note: str | None = Field(default=None, max_length=1000, description="Why, for people.")


class PauseBody(CordonBody):
    """Why the runner is closed, and when that ends: at a moment, or so many seconds from now."""

    until: Moment | None = Field(default=None, description="A moment: RFC 3339 with zone.")
    seconds: float | None = Field(default=None, description="Instead of `until`: so many seconds from now.")

    @property
    def end(self) -> End:
        """When it ends, or `InvalidRunner`."""
        return End(until=self.until, seconds=self.seconds)


class DrainBody(PauseBody):
    """Why the runner is emptied, and by when. What still runs then is cancelled; without an end nothing is."""


def life_of(seconds: float) -> timedelta:
    """How long a token shall be good, or `InvalidRunner`."""
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        return timedelta.max


def parsed_keys(texts: list[str]) -> tuple[HostKey, ...]:
    """The keys, or `InvalidRunner` naming those that are none."""
    keys, problems = [], []
    for place, text in enumerate(texts):
        try:
            keys.append(HostKey.parse(text))
        except ValueError as error:
            problems.append(FieldProblem(pointer_to("/host_keys", str(place)), str(error)))
    if problems:
        raise InvalidRunner(problems)
    return tuple(keys)
