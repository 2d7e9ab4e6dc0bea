"""The facade of the library over the audit trail of this process."""

from collections.abc import Iterator
from typing import Any, Final, Unpack

from ...application.audit.list_audit import ListAuditCommand
from ...domain.audit.entry import AuditFilter, AuditOutcome
from ..client.audit import AuditEntry, AuditMeant
from ..client.errors import RunyardClientError
from ..http.audit import AuditEntryView
from .meant import moment_of
from .refusals import told

_PAGE: Final = 200


class EmbeddedAudit:
    """The audit trail of an embedded yard. `use_cases` is the container that reads it."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def __call__(self, *, limit: int | None = None, **which: Unpack[AuditMeant]) -> Iterator[AuditEntry]:
        """The entries that are meant, newest first."""
        meant, after, left = _filter(which), None, limit
        while left is None or left > 0:
            with told():
                size = _PAGE if left is None else min(left, _PAGE)
                page = self._use_cases.list_audit().execute(ListAuditCommand(which=meant, after=after, limit=size))
            yield from (AuditEntry.of(AuditEntryView.of(entry).model_dump(mode="json")) for entry in page.items)
            after, left = page.next_after, None if left is None else left - len(page.items)
            if after is None:
                return


def _filter(which: AuditMeant) -> AuditFilter:
    kind, named, thing = which.get("resource", "").partition(":")
    outcome = which.get("outcome")
    if outcome is not None and outcome not in set(AuditOutcome):
        advice = f"Known are {', '.join(AuditOutcome)}."
        raise RunyardClientError(f"{outcome!r} is no outcome", code="bad-parameter", advice=advice)
    return AuditFilter(
        actor=which.get("actor"),
        action=which.get("action"),
        kind=kind or None,
        thing=thing if named else None,
        project=which.get("project"),
        outcome=AuditOutcome(outcome) if outcome else None,
        since=moment_of(which.get("since")),
        until=moment_of(which.get("until")),
    )
