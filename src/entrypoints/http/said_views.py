"""What a job says of itself, as everybody outside sees it."""

import json
from typing import Any, Self

from ...domain.jobs.attempt import Progress
from .spec_views import View


class ProgressView(View):
    """What a running job says of itself."""

    percent: float | None
    message: str | None

    @classmethod
    def of(cls, progress: Progress | None) -> Self | None:
        return cls(percent=progress.percent, message=progress.message) if progress else None


def parsed_result(document: str | None) -> Any:
    """The JSON document that the job reported; as it is, if it is none."""
    try:
        return None if document is None else json.loads(document)
    except ValueError:
        return document
