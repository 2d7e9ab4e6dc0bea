"""The facade of the library over the runners of this process."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Unpack

from ...application.runners.check_runner import CheckRunnerCommand
from ...application.runners.cordon_runner import CordonRunnerCommand
from ...application.runners.drain_runner import DrainRunnerCommand
from ...application.runners.edit_runner import EditRunnerCommand
from ...application.runners.get_runner import GetRunnerCommand
from ...application.runners.invite_agent import InviteAgentCommand
from ...application.runners.list_runner_events import ListRunnerEventsCommand
from ...application.runners.list_runners import ListRunnersCommand
from ...application.runners.pause_runner import PauseRunnerCommand
from ...application.runners.remove_runner import RemoveRunnerCommand
from ...application.runners.revoke_agent import RevokeAgentCommand
from ...application.runners.show_host_key import ShowHostKeyCommand
from ...application.runners.status import RunnerStatus
from ...application.runners.uncordon_runner import UncordonRunnerCommand
from ...domain.ends import End
from ...domain.runners.passes import JOIN_LIFE
from ..client.fields import AgentFields, RunnerFields, SshFields
from ..client.runner_events import RunnerEvent
from ..client.runners import Registration, Runner
from ..http.runner_bodies import AddAgentBody, AddRunnerBody, RunnerEditBody, life_of
from ..http.runner_events import RunnerEventView
from ..http.runner_views import HostKeyView, RunnerView
from .refusals import told

_PAGE: Final = 200
_LISTS: Final = ("queues", "shared_with", "owners")
_WAY: Final = ("host", "port", "user", "key", "host_keys")


class EmbeddedRunners:
    """The runners of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def list(self) -> tuple[Runner, ...]:
        """All of them, by name."""
        with told():
            return tuple(map(_shown, self._use_cases.list_runners().execute(ListRunnersCommand())))

    def get(self, runner: str) -> Runner:
        """The runner as it is now."""
        with told():
            return _shown(self._use_cases.get_runner().execute(GetRunnerCommand(runner=runner)))

    def events(self, runner: str, *, limit: int | None = None) -> Iterator[RunnerEvent]:
        """What happened to it, newest first."""
        after, left = None, limit
        while left is None or left > 0:
            with told():
                size = _PAGE if left is None else min(left, _PAGE)
                command = ListRunnerEventsCommand(runner=runner, after=after, limit=size)
                page = self._use_cases.list_runner_events().execute(command)
            yield from (RunnerEvent.of(RunnerEventView.of(each).model_dump(mode="json")) for each in page.items)
            after, left = page.next_after, None if left is None else left - len(page.items)
            if after is None:
                return

    def add_ssh(
        self, name: str, *, host: str, user: str, host_keys: Sequence[str], **more: Unpack[SshFields]
    ) -> Runner:
        """Make a host a runner. It is looked over first, unless `check` is false, and refused if it cannot be one."""
        asked = {"kind": "ssh", "name": name, "host": host, "user": user, "host_keys": [*host_keys], **more}
        with told():
            return _shown(self._use_cases.add_runner().execute(AddRunnerBody.model_validate(asked).command()))

    def add_agent(self, name: str, **more: Unpack[AgentFields]) -> tuple[Runner, Registration]:
        """Make a runner of a machine that will come by itself, and a token for it to register with."""
        with told():
            asked = AddAgentBody.model_validate({"name": name, **more})
            made = self._use_cases.add_agent().execute(asked.command())
            return _shown(made.runner), Registration(token=made.text.revealed, expires_at=made.expires_at)

    def invite(self, runner: str, *, expires_in: float | None = None) -> Registration:
        """A new token to register its machine with, or another in its place; those made before are void."""
        with told():
            life = JOIN_LIFE if expires_in is None else life_of(expires_in)
            made = self._use_cases.invite_agent().execute(InviteAgentCommand(runner=runner, life=life))
            return Registration(token=made.text.revealed, expires_at=made.expires_at)

    def revoke(self, runner: str) -> int:
        """Make all tokens of its machine good no more; how many there were."""
        with told():
            return int(self._use_cases.revoke_agent().execute(RevokeAgentCommand(runner=runner)))

    def host_key(self, host: str, port: int = 22) -> Mapping[str, Any]:
        """The key a host shows: its `type`, its `fingerprint`, and the `key` to pin."""
        with told():
            shown = self._use_cases.show_host_key().execute(ShowHostKeyCommand(host=host, port=port))
            return HostKeyView.of(shown).model_dump(mode="json")

    def check(self, runner: str) -> Runner:
        """Look its host over; what was found is in `checked`."""
        with told():
            return _shown(self._use_cases.check_runner().execute(CheckRunnerCommand(runner=runner)))

    def edit(self, runner: str, *, revision: int | None = None, **changes: Unpack[RunnerFields]) -> Runner:
        """Change what is given; with a `revision`, only if nobody edited it since."""
        given: dict[str, Any] = {**changes}
        way = {name: given.pop(name) for name in _WAY if name in given}
        given |= {name: tuple(value) for name, value in given.items() if name in _LISTS and value is not None}
        with told():
            body = RunnerEditBody.model_validate(way)
            command = EditRunnerCommand(
                runner=runner, revision=revision, target=body.target, secret=body.secret, **given
            )
            return _shown(self._use_cases.edit_runner().execute(command))

    def cordon(self, runner: str, *, note: str | None = None) -> Runner:
        """No new work until it is uncordoned."""
        with told():
            return _shown(self._use_cases.cordon_runner().execute(CordonRunnerCommand(runner=runner, note=note)))

    def uncordon(self, runner: str) -> Runner:
        """It takes new work again, whatever closed it."""
        with told():
            return _shown(self._use_cases.uncordon_runner().execute(UncordonRunnerCommand(runner=runner)))

    def pause(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work until then, or for so many seconds."""
        with told():
            command = PauseRunnerCommand(runner=runner, end=End(until=until, seconds=seconds), note=note)
            return _shown(self._use_cases.pause_runner().execute(command))

    def drain(
        self, runner: str, *, seconds: float | None = None, until: datetime | None = None, note: str | None = None
    ) -> Runner:
        """No new work. What still runs at the end, if there is one, is cancelled."""
        with told():
            command = DrainRunnerCommand(runner=runner, deadline=End(until=until, seconds=seconds), note=note)
            return _shown(self._use_cases.drain_runner().execute(command))

    def remove(self, runner: str) -> None:
        """Forget a runner that nobody drives and where nothing lives."""
        with told():
            self._use_cases.remove_runner().execute(RemoveRunnerCommand(runner=runner))


def _shown(status: RunnerStatus) -> Runner:
    return Runner.of(RunnerView.of(status).model_dump(mode="json"))
