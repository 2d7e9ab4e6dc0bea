"""Agents, as people see them: make one, invite its machine, revoke what it has. What it says itself is in `agent`."""

from typing import Any

from litestar import Controller, Request, post
from litestar.params import FromPath, RawBody

from ...application.runners.invite_agent import InviteAgentCommand
from ...application.runners.revoke_agent import RevokeAgentCommand
from ...domain.runners.errors import InvalidRunner
from .given import Everything
from .invitation_views import InvitationView, RegistrationView, RevokedView
from .request_body import read_body
from .runner_bodies import AddAgentBody, InviteBody, life_of
from .runners import known_as


class AgentsController(Controller):
    """Runners that come and fetch their work."""

    path = "/"
    tags = ("runners",)

    @post("/agents", sync_to_thread=True, status_code=201, operation_id="addAgent", summary="Add a machine that comes")
    def add(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> InvitationView:
        """A runner of kind `agent`, and the token its machine registers with, which is shown once."""
        asked = read_body(request, body, AddAgentBody, InvalidRunner)
        return InvitationView.of(provided.runners.add_agent.execute(asked.command()))

    @post(
        "/runners/{runner:str}/registration",
        sync_to_thread=True,
        status_code=201,
        operation_id="inviteAgent",
        summary="Make a registration token",
    )
    def invite(
        self, request: Request[Any, Any, Any], runner: FromPath[str], body: RawBody, provided: Everything
    ) -> RegistrationView:
        """Those made before are void. The machine that is registered stays so until another takes its place."""
        asked = read_body(request, body, InviteBody, InvalidRunner)
        command = InviteAgentCommand(runner=known_as(runner), life=life_of(asked.expires_in))
        made = provided.runners.invite_agent.execute(command)
        return RegistrationView.of(made.text, made.expires_at)

    @post(
        "/runners/{runner:str}/revoke",
        sync_to_thread=True,
        status_code=200,
        operation_id="revokeAgent",
        summary="Revoke an agent's tokens",
    )
    def revoke(self, runner: FromPath[str], provided: Everything) -> RevokedView:
        """All of them, at once. What runs there is ended by the machine itself before the lease of it ends."""
        command = RevokeAgentCommand(runner=known_as(runner))
        return RevokedView(revoked=provided.runners.revoke_agent.execute(command))
