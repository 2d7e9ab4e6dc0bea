"""What is kept of an agent's machine, as text that the database never looks into."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ...domain.runners.agent import AgentSide, Alarm, MachineFacts
from .documents import document


def agent_document(agent: AgentSide | None) -> str | None:
    if agent is None:
        return None
    whole: dict[str, Any] = {
        **{name: _text(getattr(agent, name)) for name in ("registered_at", "token_at", "revoked_at")},
        "facts": agent.facts and asdict(agent.facts),
        "facts_at": agent.facts_at and agent.facts_at.isoformat(),
        "memory_free": agent.memory_free,
        "disk_free": agent.disk_free,
        "alarm": agent.alarm and [agent.alarm.why, agent.alarm.at.isoformat()],
    }
    return document(whole)


def agent_of(text: str | None) -> AgentSide | None:
    if text is None:
        return None
    whole = json.loads(text)
    alarm, facts = whole["alarm"], whole["facts"]
    return AgentSide(
        registered_at=_moment(whole["registered_at"]),
        token_at=_moment(whole.get("token_at")),
        revoked_at=_moment(whole.get("revoked_at")),
        facts=MachineFacts(**{name: _listed(each) for name, each in facts.items()}) if facts else None,
        facts_at=_moment(whole["facts_at"]),
        memory_free=whole["memory_free"],
        disk_free=whole["disk_free"],
        alarm=Alarm(alarm[0], datetime.fromisoformat(alarm[1])) if alarm else None,
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
