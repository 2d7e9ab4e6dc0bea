"""How an agent says things."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Final

from ...application.jobs.report_outcomes import FencedFact
from ...application.ports.executor import Broken, Ended, Gone, Reported, Started, Voided
from ...domain.jobs.attempt import Outcome
from ...domain.runners.agent import MachineFacts
from ...domain.runners.protocol import SPOKEN, Spoken
from ..client.batches import in_parts

_LONGEST: Final = 4000
"""A server takes no longer sentence, and one that names a path may be as long as the path is."""
_AT_ONCE: Final = 10_000
_AT_ONCE_BYTES: Final = 1 << 20


def spoken_body(spoken: Spoken = SPOKEN) -> dict[str, int]:
    """Which versions of the protocol we speak, as it is told."""
    return {"oldest": spoken.oldest, "newest": spoken.newest}


def facts_body(facts: MachineFacts) -> dict[str, Any]:
    """What the machine is."""
    return asdict(facts) | {"gpus": list(facts.gpus), "addresses": list(facts.addresses)}


def report_body(fenced: FencedFact) -> dict[str, Any]:
    """What became of an attempt."""
    ref = fenced.fact.ref
    told = {"job": ref.job_id, "attempt": ref.number, "fence": fenced.fence, **_told(fenced)}
    return {name: value for name, value in told.items() if value is not None}


def requests_of(reports: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many in each as a server takes in one request; results make them large."""
    return in_parts(reports, most=_AT_ONCE, most_bytes=_AT_ONCE_BYTES)


def _told(fenced: FencedFact) -> dict[str, Any]:
    match fenced.fact:
        case Started(containment=containment):
            return {"kind": "started", "containment": containment}
        case Gone(offset=offset):
            return {"kind": "gone", "offset": offset}
        case Reported(progress=progress, result=result):
            said = {"percent": progress.percent, "message": progress.message} if progress else {}
            return {"kind": "progress", **said, "result": result}
        case Ended(outcome=outcome):
            return {"kind": "ended", **_outcome(outcome)}
        case Voided(boot_id=boot_id):
            return {"kind": "voided", "boot_id": boot_id}
        case Broken(why=why, tree_empty=tree_empty):
            return {"kind": "broken", "message": why[:_LONGEST], "tree_empty": tree_empty}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    usage = outcome.usage
    return {
        "ending": outcome.ending.value,
        "exit_code": outcome.exit_code,
        "signal": outcome.signal,
        "message": outcome.message and outcome.message[:_LONGEST],
        "tree_empty": outcome.tree_empty,
        "log_size": outcome.log_size,
        "masked": outcome.masked,
        "cpu_seconds": usage and usage.cpu_seconds,
        "max_rss_bytes": usage and usage.max_rss_bytes,
    }
