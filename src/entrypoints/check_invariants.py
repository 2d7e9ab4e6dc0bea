"""`runyard check-invariants`: whether what is stored keeps the rules, beside a live server or after it."""

import json as json_text
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ..application.observability.check_invariants import (
    LOOK_AGAIN_SECONDS,
    CheckInvariants,
    CheckInvariantsCommand,
    Judged,
)
from ..domain.observability.invariants import CLAIMED_WITHIN, INVARIANTS, NEXT_IN_LINE, READABLE, STRAYS
from ..domain.observability.tenants import APART, KEPT_TO_LIMITS
from ..domain.observability.trail import TOLD
from .at_the_store import stored
from .settings import Settings, read_settings
from .wiring.audit import opened_store

RULES: Final = {rule.name: rule.sentence for rule in INVARIANTS} | dict(
    (READABLE, STRAYS, NEXT_IN_LINE, CLAIMED_WITHIN, KEPT_TO_LIMITS, APART, TOLD)
)

Say = Callable[[str], None]


def judged(settings: Settings, say: Say) -> Judged:
    """What breaks a rule. If something seems to wait for too long, it is looked at once more, some seconds later."""
    if settings.database_url is None:
        stored(settings)
    with opened_store(settings.store_url) as store:
        store.current()
        check = CheckInvariants(store.read, settings.usual_limits)
        first = check.execute(CheckInvariantsCommand())
        if first.hits or not first.waiting.jobs:
            return first
        say(f"{len(first.waiting.jobs)} jobs wait beside a free slot; looking again in {LOOK_AGAIN_SECONDS:g} seconds")
        time.sleep(LOOK_AGAIN_SECONDS)
        return check.execute(CheckInvariantsCommand(waited=first.waiting))


def main(*, data_dir: Path | None, json: bool, say: Say, tell: Say) -> int:
    """0 when everything holds, 1 when something does not. `tell` gets the findings, `say` what happens meanwhile."""
    found = judged(read_settings(Settings, {"data_dir": data_dir}), say)
    if json:
        tell(json_text.dumps(document(found)))
        return 1 if found.hits else 0
    for hit in found.hits:
        tell(f"{hit.invariant}: {RULES[hit.invariant]}. But {hit.told}:")
        for row in hit.rows:
            tell(f"    {row}")
    tell(f"{found.jobs} jobs, {len(RULES)} rules, {len(found.hits)} hits")
    return 1 if found.hits else 0


def document(found: Judged) -> dict[str, Any]:
    """The findings as one document; which rules there are is part of it."""
    return {"jobs": found.jobs, "hits": [asdict(hit) for hit in found.hits], "rules": RULES}
