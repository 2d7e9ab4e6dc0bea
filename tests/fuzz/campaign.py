"""One run after another of schemathesis, all phases and all checks, until there were requests enough."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from .findings import EVERYBODY, INSTANCE, STRANGER, Findings

REFUSED_ALTHOUGH_IT_FITS: Final = ["2xx", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "503"]
"""Not everything that is refused can be said in a schema: a name that is taken, a filter that means everything."""
MEANT: Final = [
    ("createJobs", "negative_data_rejection", ["2xx", "4xx"]),
    ("showHostKey", "not_a_server_error", ["2xx", "4xx", "503"]),
]
"""A batch is answered 200, and each wrong job in it for itself; nobody is at the address that was made up."""
NOT_FOR_EVER: Final[Mapping[str, Mapping[str, Any]]] = {"followJob": {"max-stream-events": 1}}
"""Of a job that waits a stream tells its state, and then nothing until it is told to stop."""
LONGEST_WAIT: Final = 0.05
"""Seconds. The waits that an agent may ask for are a minute long, and nobody gives it work meanwhile."""
SPEND_THE_TOKEN: Final = frozenset({"revokeToken", "rotateToken"})
"""Whoever tries them with what lists tell is soon without a token; that of the admin of the instance is in no list."""

Headers = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that answers: `load` reads its document, `headers` are those of a caller of this role."""

    load: Callable[[SchemathesisConfig], Any]
    headers: Headers
    leave_out: frozenset[str] = frozenset()
    """Operations that must not be tried there: they would speak to hosts that others own."""
    unwalked: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Who walks all fields to their boundaries there, and of which operations not: filters of schemathesis."""


@dataclass(slots=True)
class Campaign:
    """Against one target."""

    target: Target
    seed: int = 1
    examples: int = 5
    findings: Findings = field(default_factory=Findings)

    def run(self, requests: int, roles: tuple[str, ...] = EVERYBODY) -> Findings:
        """Every role once, those who walk boundaries too; then all again with other seeds, until there were so many."""
        turn = 0
        while self.findings.requests < requests:
            for role in roles:
                self._run(role, self.seed + turn, unwalked=self.target.unwalked.get(role) if turn == 0 else None)
                if turn > 0 and self.findings.requests >= requests:
                    break
            turn += 1
        return self.findings

    def _run(self, role: str, seed: int, *, unwalked: dict[str, Any] | None) -> None:
        settings = _settings(seed, self.target.headers(role), self.examples, unwalked)
        config = SchemathesisConfig.from_dict(settings)
        schema = self.target.load(config)
        left_out = self.target.leave_out | (frozenset() if role in (INSTANCE, STRANGER) else SPEND_THE_TOKEN)
        if left_out:
            schema = schema.exclude(operation_id=sorted(left_out))
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                self.findings.take(role, event.recorder)
            elif isinstance(event, events.NonFatalError):
                self.findings.broke(role, event)
            elif isinstance(event, events.FatalError):
                raise event.exception
            elif isinstance(event, events.EngineFinished):
                assert (event.stop_reason, event.failures) == (StopReason.COMPLETED, [])


def _settings(seed: int, headers: Mapping[str, str], examples: int, unwalked: dict[str, Any] | None) -> dict[str, Any]:
    """The phase that walks every field to its boundaries does so with all but these operations, or not at all."""
    return {
        "seed": seed,
        "headers": dict(headers),
        "suppress-health-check": ["all"],
        "request-timeout": 60,
        "max-stream-events": 3,
        "continue-on-failure": True,
        "workers": 1,
        "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
        "phases": {"coverage": {"enabled": unwalked is not None}, "stateful": {"max-steps": 8}},
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED_ALTHOUGH_IT_FITS}},
        "operations": [
            *([{**unwalked, "phases": {"coverage": {"enabled": False}}}] if unwalked else []),
            *({"include-operation-id": name, **bounds} for name, bounds in NOT_FOR_EVER.items()),
            *(
                {"include-operation-id": name, "checks": {check: {"expected-statuses": statuses}}}
                for name, check, statuses in MEANT
            ),
        ],
    }


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """A wait that would be granted is a short one."""
    for place in (case.body, case.query):
        match place:
            case {"wait": int() | float() as seconds} if LONGEST_WAIT < seconds <= 60:
                place["wait"] = LONGEST_WAIT


def loaded_from(app: Any) -> Callable[[SchemathesisConfig], Any]:
    """In this process, without a network."""
    return lambda config: schemathesis.openapi.from_asgi("/schema/openapi.json", app, config=config)


def loaded_at(url: str) -> Callable[[SchemathesisConfig], Any]:
    """Over HTTP."""
    return lambda config: schemathesis.openapi.from_url(f"{url}/schema/openapi.json", config=config)
