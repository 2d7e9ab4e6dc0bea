"""Jobs for another machine, where the folder we stand in means nothing."""

from typing import Final

from ..client.client import Client
from ..client.errors import RunyardClientError
from ..client.fields import JobFields
from .options import Asked

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


def placed(client: Client, asked: Asked, fields: JobFields) -> JobFields:
    """The fields without our own folder, if nobody asked for one and the runner that is named is another machine.

    Such a job begins in the home of its account there.
    """
    if asked.cwd is not None or asked.runner is None:
        return fields
    try:
        runner = client.runners.get(asked.runner)
    except RunyardClientError as unknown:
        if unknown.status not in (_FORBIDDEN, _NOT_FOUND):  # a process of a job sees no runners
            raise
        return fields
    if runner.kind == "local":
        return fields
    kept = fields.copy()
    kept.pop("cwd", None)
    return kept
