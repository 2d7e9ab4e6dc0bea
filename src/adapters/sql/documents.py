"""Values that the database keeps as text it never looks into."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from ...domain.jobs.access import JobAccess
from ...domain.jobs.attempt import Ending, Outcome, Progress, Usage
from ...domain.jobs.concurrency import Concurrency, OnConflict
from ...domain.jobs.lanes import Placement
from ...domain.jobs.limits import (
    CRASH_LIMIT,
    Backoff,
    LogLimit,
    LogPolicy,
    OnLost,
    Replacement,
    RetryCause,
    RetryPolicy,
)
from ...domain.jobs.outline import SpecOutline
from ...domain.jobs.spec import JobSpec

_APART: Final = frozenset({"env", "stdin"})


def document(value: Any) -> str:
    """JSON in ASCII: whatever text is in it, NUL included, any database takes it."""
    return json.dumps(value, separators=(",", ":"))


def sentence(text: str | None) -> str | None:
    """Text for people; what no database takes becomes U+FFFD instead of an error that would come back for ever."""
    return text and text.replace("\0", "\ufffd").encode(errors="surrogatepass").decode(errors="replace")


def outline_document(outline: SpecOutline) -> str:
    spec = outline.shown
    whole = {name: getattr(spec, name) for name in JobSpec.__dataclass_fields__ if name not in _APART}
    return document(
        whole
        | ({"cut": True} if outline.cut else {})
        | {
            "labels": dict(spec.labels),
            "secrets": dict(spec.secrets),
            "secret_files": dict(spec.secret_files),
            "placement": {"runner": spec.placement.runner, "labels": dict(spec.placement.labels)},
            "retry": _policy(spec.retry),
            "not_before": spec.not_before and spec.not_before.isoformat(),
            "log_limit": asdict(spec.log_limit),
            "concurrency": spec.concurrency and asdict(spec.concurrency),
        }
    )


def rest_document(spec: JobSpec, outline: SpecOutline) -> str | None:
    """What the outline leaves out, if it leaves anything out."""
    rest: dict[str, Any] = {
        "env": dict(spec.env),
        "stdin": spec.stdin,
        "command": spec.command if outline.cut else None,
    }
    kept = {name: value for name, value in rest.items() if value not in (None, {})}
    return document(kept) if kept else None


def outline_of(text: str) -> SpecOutline:
    whole = json.loads(text)
    cut = whole.pop("cut", False)
    return SpecOutline(_spec_of(whole), cut=cut)


def spec_of(text: str, rest: str | None) -> JobSpec:
    whole = json.loads(text)
    whole.pop("cut", None)
    return _spec_of(whole | json.loads(rest or "{}"))


def _spec_of(whole: dict[str, Any]) -> JobSpec:
    command, not_before, log_limit = whole["command"], whole["not_before"], whole["log_limit"]
    return JobSpec(
        **whole
        | {
            "command": command if isinstance(command, str) else tuple(command),
            "retry": _policy_of(whole["retry"]),
            "on_lost": OnLost(whole["on_lost"]),
            "replace": Replacement(whole.get("replace", Replacement.AFTER_LEASE)),
            "access": JobAccess(whole.get("access", JobAccess.NONE)),
            "placement": Placement(**whole.get("placement", {})),
            "not_before": not_before and datetime.fromisoformat(not_before),
            "log_limit": LogLimit(bytes=log_limit["bytes"], policy=LogPolicy(log_limit["policy"])),
            "concurrency": _concurrency_of(whole.get("concurrency")),
        }
    )


@lru_cache(256)
def retry_document(policy: RetryPolicy) -> str:
    return document(_policy(policy))


@lru_cache(256)
def retry_of(text: str) -> RetryPolicy:
    return _policy_of(json.loads(text))


def concurrency_document(concurrency: Concurrency | None) -> str | None:
    return document(asdict(concurrency)) if concurrency else None


def concurrency_of(text: str | None) -> Concurrency | None:
    return _concurrency_of(json.loads(text)) if text else None


def outcome_document(outcome: Outcome | None) -> str | None:
    return document(asdict(outcome)) if outcome else None


def outcome_of(text: str | None) -> Outcome | None:
    if text is None:
        return None
    whole = json.loads(text)
    usage = whole["usage"] and Usage(**whole["usage"])
    return Outcome(**whole | {"ending": Ending(whole["ending"]), "usage": usage})


def progress_document(progress: Progress | None) -> str | None:
    return document(asdict(progress)) if progress else None


def progress_of(text: str | None) -> Progress | None:
    return Progress(**json.loads(text)) if text else None


def _concurrency_of(whole: dict[str, Any] | None) -> Concurrency | None:
    return Concurrency(**whole | {"on_conflict": OnConflict(whole["on_conflict"])}) if whole else None


def _policy(policy: RetryPolicy) -> dict[str, Any]:
    return {
        "max_attempts": policy.max_attempts,
        "on": sorted(policy.on),
        "backoff": asdict(policy.backoff),
        "crash_limit": policy.crash_limit,
    }


def _policy_of(whole: dict[str, Any]) -> RetryPolicy:
    causes = frozenset(RetryCause(cause) for cause in whole["on"])
    return RetryPolicy(
        max_attempts=whole["max_attempts"],
        on=causes,
        backoff=Backoff(**{"jitter": 0.0, **whole["backoff"]}),  # of before there was one
        crash_limit=whole.get("crash_limit", CRASH_LIMIT),
    )
