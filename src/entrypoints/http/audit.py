"""The audit trail: list."""

from typing import Annotated, Any, Self

from litestar import Controller, Request, Response, get
from litestar.params import QueryParameter
from pydantic import Field

from ...application.audit.list_audit import ListAuditCommand
from ...domain.accounts.permissions import Permission
from ...domain.audit.entry import AuditEntry, AuditFilter, AuditOutcome, Told
from .addresses import link_to, number_after, number_cursor
from .given import Everything
from .job_filters import moment_of
from .spec_views import Moment, View

ByActor = Annotated[str | None, QueryParameter(description="Only what this account did, or was refused.")]
Action = Annotated[str | None, QueryParameter(description="Only this, as in `cordon_runner`; or a permission.")]
Resource = Annotated[
    str | None,
    QueryParameter(description="Only what was done to things of this kind, as in `runner`; to one, `runner:build1`."),
]
OfProject = Annotated[str | None, QueryParameter(description="Only what was done in this project.")]
Outcome = Annotated[AuditOutcome | None, QueryParameter(description="Only what was done, or only what was refused.")]
Since = Annotated[str | None, QueryParameter(description="Only from this moment on: RFC 3339.")]
Until = Annotated[str | None, QueryParameter(description="Only from before this moment: RFC 3339.")]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(description="The `next_cursor` of the page before.")]


class ActorView(View):
    """Who it was. Of somebody whom nobody knows there is neither a name nor a kind."""

    name: str | None
    kind: str | None = Field(
        description="`user`, `service`, `attempt` (a process of a job), `runner` (by itself), `operating` (the admin)."
    )
    token_id: str | None


class ResourceView(View):
    """What it was done to."""

    kind: str
    id: str | None
    name: str | None


class AuditEntryView(View):
    """Who did what to what, from where, and what is different since. No secret is ever in it."""

    id: int = Field(description="Grows.")
    at: Moment
    actor: ActorView
    address: str = Field(description="Where from: an address, `in-process`, or `cli` for who has the store itself.")
    action: str
    permission: Permission | None = Field(description="The least that it takes.")
    resource: ResourceView
    project: str | None = Field(description="null: it is the business of the instance.")
    outcome: AuditOutcome
    reason: str | None = Field(description="Why it was refused.")
    before: dict[str, Told] = Field(description="The fields that are different since, as they were.")
    after: dict[str, Told] = Field(description="The same as they are since then; what is missing is not there.")

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        subject, who = entry.subject, entry.doer
        return cls(
            id=entry.id,
            at=entry.at,
            actor=ActorView(name=who.name, kind=who.kind, token_id=who.token),
            address=entry.address,
            action=entry.action,
            permission=None if entry.permission is None else Permission(entry.permission),
            resource=ResourceView(kind=subject.kind, id=subject.id, name=subject.name),
            project=entry.project,
            outcome=entry.outcome,
            reason=entry.reason,
            before=dict(entry.before),
            after=dict(entry.after),
        )


class AuditView(View):
    """Entries, newest first."""

    items: list[AuditEntryView]
    next_cursor: str | None


class AuditController(Controller):
    """The audit trail."""

    path = "/audit"
    tags = ("audit",)

    @get(sync_to_thread=True, operation_id="listAudit", summary="List the audit trail")
    def list_of_entries(  # noqa: PLR0913, PLR0917 - each is a parameter of the address
        self,
        request: Request[Any, Any, Any],
        provided: Everything,
        actor: ByActor = None,
        action: Action = None,
        resource: Resource = None,
        project: OfProject = None,
        outcome: Outcome = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response[AuditView]:
        """Newest first: that of the projects whose admin one is; everything, for an admin of the instance."""
        kind, named, thing = (resource or "").partition(":")
        which = AuditFilter(
            actor=actor,
            action=action,
            kind=kind or None,
            thing=thing if named else None,
            project=project,
            outcome=outcome,
            since=moment_of("since", since),
            until=moment_of("until", until),
        )
        after = number_after(cursor) if cursor is not None else None
        page = provided.list_audit.execute(ListAuditCommand(which=which, after=after, limit=limit))
        following = number_cursor(page.next_after) if page.next_after is not None else None
        headers = link_to(request, following)
        items = [AuditEntryView.of(entry) for entry in page.items]
        return Response(AuditView(items=items, next_cursor=following), headers=headers)
