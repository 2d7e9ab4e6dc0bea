"""The machines of agents as everybody outside sees them."""

from dataclasses import asdict
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from ...domain.runners.agent import AgentSide
from .spec_views import Moment


class FactsView(BaseModel):
    """What an agent found out about its machine."""

    model_config = ConfigDict(frozen=True)

    system: str
    release: str
    architecture: str
    hostname: str
    cpus: int
    cpu_model: str
    memory_bytes: int | None
    disk_bytes: int | None
    gpus: list[str]
    addresses: list[str]
    agent_version: str


class AlarmView(BaseModel):
    """Something that people should look at."""

    model_config = ConfigDict(frozen=True)

    why: str
    at: Moment


class AgentView(BaseModel):
    """What is known of the machine of an agent."""

    model_config = ConfigDict(frozen=True)

    registered_at: Moment | None
    facts: FactsView | None
    facts_at: Moment | None = Field(description="Since when they are as they are.")
    labels: dict[str, str] = Field(description="What placement may go by: `fact/system`, `fact/architecture`, …")
    memory_free: int | None = Field(description="Bytes, as the agent said last.")
    disk_free: int | None
    alarm: AlarmView | None = Field(description="A replaced or revoked token was shown, or a second process came.")

    @classmethod
    def of(cls, agent: AgentSide) -> Self:
        """The machine."""
        facts = None
        if agent.facts is not None:
            facts = FactsView(**{name: _plain(each) for name, each in asdict(agent.facts).items()})
        return cls(
            registered_at=agent.registered_at,
            facts=facts,
            facts_at=agent.facts_at,
            labels=dict(agent.facts.labels) if agent.facts else {},
            memory_free=agent.memory_free,
            disk_free=agent.disk_free,
            alarm=AlarmView(why=agent.alarm.why, at=agent.alarm.at) if agent.alarm else None,
        )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
