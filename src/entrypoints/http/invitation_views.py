"""What whoever makes a machine a runner is told once."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ...application.runners.add_agent import Invitation
from ...domain.accounts.tokens import TokenText
from .runner_views import RunnerView
from .spec_views import Moment


class RegistrationView(BaseModel):
    """A token to register with, shown once."""

    model_config = ConfigDict(frozen=True)

    token: str
    expires_at: Moment

    @classmethod
    def of(cls, text: TokenText, expires_at: datetime) -> Self:
        """The token."""
        return cls(token=text.revealed, expires_at=expires_at)


class InvitationView(BaseModel):
    """A runner that waits for its machine."""

    model_config = ConfigDict(frozen=True)

    runner: RunnerView
    registration: RegistrationView

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """The runner and its token."""
        registration = RegistrationView.of(invitation.text, invitation.expires_at)
        return cls(runner=RunnerView.of(invitation.runner), registration=registration)


class RevokedView(BaseModel):
    """What is good no more."""

    model_config = ConfigDict(frozen=True)

    revoked: int = Field(description="How many of its tokens were good until now.")
