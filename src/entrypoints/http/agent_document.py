"""What the document says of agents: what they send, what comes back, and what they may be refused."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from ..records import MEDIA_TYPE
from .agent_bodies import ByeBody, RegisterBody, ReportsBody, SessionBody, SyncBody
from .runner_bodies import AddAgentBody, InviteBody

REQUESTS: Final[Mapping[str, type[BaseModel]]] = {
    "addAgent": AddAgentBody,
    "inviteAgent": InviteBody,
    "registerAgent": RegisterBody,
    "openSession": SessionBody,
    "sync": SyncBody,
    "report": ReportsBody,
    "closeSession": ByeBody,
}
NEEDS_BODY: Final = frozenset({"addAgent", "openSession", "sync", "report", "closeSession"})
NAMES_SOMETHING: Final = frozenset({"addAgent", "sync", "report"})
"""In their bodies: a project, attempts."""
ONLY_OF_AGENTS: Final = frozenset({"revokeAgent"})
"""Of a runner of another kind it is refused."""
MAY_CONFLICT: Final = frozenset(
    {
        *("addAgent", "registerAgent", "openSession", "sync", "report", "closeSession"),
        *("appendOutput", "takeScript"),
    }
)
OUTPUT: Final[Mapping[str, Any]] = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("application/octet-stream", "text/plain", MEDIA_TYPE)
}
TAKES_OUTPUT: Final = frozenset({"appendOutput"})
BEHIND_A_GAP: Final = {416: "Something is missing before; `Runyard-Stored` says where to go on."}

_WORD: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer"}
_SCRIPT_HEADERS: Final = {
    "Runyard-Job": {"description": "Which job.", "required": True, "schema": _WORD},
    "Runyard-Number": {"description": "Which attempt of it.", "required": True, "schema": _NUMBER},
    "Runyard-Fence": {"description": "To report under.", "required": True, "schema": _NUMBER},
    "Runyard-Attempt": {"description": "All of it in one word.", "required": True, "schema": _WORD},
    "Runyard-Failed": {"description": "Why there is no script; report it as the end.", "schema": _WORD},
}
ANSWERS: Final[Mapping[str, Mapping[str, dict[str, Any]]]] = {
    "takeScript": {
        "200": {
            "description": "An attempt.",
            "headers": _SCRIPT_HEADERS,
            "content": {"text/x-shellscript": {"schema": _WORD}},
        },
        "204": {"description": "Nothing came while it was waited for."},
    },
}
"""Of what Litestar cannot read from the routes."""
