"""Rerun jobs."""

from collections.abc import Sequence
from typing import Annotated, Any

from ..client.errors import RunyardClientError
from ..client.jobs import Rerun
from .exits import CONFLICT, FAILURE, OK, of_error
from .meant import ANY, Meant, agreed, by_filter
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_json
from .references import find, remember
from .saying import complaint, note
from .unanswered import submission_key


def rerun(
    *jobs: str,
    state: Annotated[
        tuple[str, ...], option("state", help="Instead of JOBS: all in this state; may be repeated.")
    ] = (),
    meant: Meant = ANY,
    yes: Annotated[bool, flag("yes", "-y", help="Do not ask first.")] = False,
    dry_run: Annotated[bool, flag("dry-run", help="Only tell which.")] = False,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Run finished jobs again, each as a new one.

    Parameters
    ----------
    jobs
        Ids, their beginnings or ends, or @last.
    """
    if by_filter("rerun", jobs, state, meant, dry_run=dry_run):
        return _rerun_all(state, meant, output, server, dry_run=dry_run, asking=not yes and not dry_run)
    code, views = OK, []
    with server.connected() as client:
        for said in jobs:
            try:
                job_id = find(client, said)
                with submission_key(server.url, {"rerun_of": job_id}) as key:
                    again = client.rerun(job_id, idempotency_key=key)
            except RunyardClientError as error:
                complaint(error)
                code = code or of_error(error)
            else:
                remember(again.id)
                views.append(again.raw)
                if not output.json:
                    print(again.id)
    if output.json:
        as_json(views if len(jobs) > 1 else views[0] if views else None)
    return code


def _rerun_all(
    state: tuple[str, ...], meant: Meant, output: Output, server: Server, *, dry_run: bool, asking: bool
) -> int:
    which = meant.filter()

    def found() -> int:
        return sum(each.error is None for each in client.rerun_many(state=state or None, dry_run=True, **which))

    with server.connected() as client:
        if asking and not agreed("rerun", found):
            return FAILURE
        if dry_run:
            reruns = client.rerun_many(state=state or None, dry_run=True, **which)
        else:
            with submission_key(server.url, {"rerun": {"state": state, **which}}) as key:
                reruns = client.rerun_many(state=state or None, idempotency_key=key, **which)
    _say(reruns, output, dry_run=dry_run)
    return CONFLICT if any(each.error for each in reruns) else OK


def _say(reruns: Sequence[Rerun], output: Output, *, dry_run: bool) -> None:
    made = [each for each in reruns if each.error is None]
    if made and made[0].id:
        remember(made[0].id)  # of the newest job
    if output.json:
        as_json({"items": [_view(each) for each in reruns], "dry_run": dry_run})
        return
    for each in made:
        print(each.id or each.job_id)
    for each in reruns:
        if each.error:
            note(str(each.error))


def _view(each: Rerun) -> dict[str, Any]:
    error = {"code": each.error.code, "detail": each.error.detail} if each.error else None
    return {"id": each.job_id, "rerun": each.id, "replayed": each.replayed, "error": error}
