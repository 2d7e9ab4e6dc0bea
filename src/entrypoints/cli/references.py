"""Which job is meant: a whole id, the beginning or the end of one, or `@last`."""

import os
import re
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Final

from ..client.client import Client
from ..client.errors import RunyardClientError
from ..discovery import state_directory

LAST: Final = "@last"
_WHOLE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART: Final = re.compile(r"[0-9a-f-]{1,36}")
_WITHIN: Final = "last-job-of-"
_KEPT_SECONDS: Final = 86_400.0


def remember(job_id: str) -> None:
    """This is `@last` from now on: in this shell, or within the job that we are a process of."""
    with suppress(OSError):  # a convenience: no reason to fail a submission
        file = _file()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(job_id + "\n")
        for other in file.parent.glob(f"{_WITHIN}*"):
            if time() - other.stat().st_mtime > _KEPT_SECONDS:
                other.unlink(missing_ok=True)


def find(client: Client, said: str) -> str:
    """The id of the one job that is meant."""
    wanted = _last() if said == LAST else said.lower()
    if _WHOLE.fullmatch(wanted):
        return wanted
    if not _PART.fullmatch(wanted):
        raise _not_one(f"{said!r} is no part of a job's id")
    found = [job.id for job in client.list(id_part=wanted, limit=5)]
    if not found:
        raise _not_one(f"there is no job whose id begins or ends with {said}")
    if len(found) > 1:
        raise _not_one(f"{said} is not unique: {', '.join(found)}", "Give more of the id.")
    return found[0]


def _last() -> str:
    try:
        return _file().read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise _not_one("nothing was submitted from this account yet") from None


def _file() -> Path:
    """Jobs of this account have its home, and what they submit must not be what people at a terminal mean."""
    within = os.environ.get("RUNYARD_JOB_ID", "")
    return state_directory() / (f"{_WITHIN}{within}" if _WHOLE.fullmatch(within) else "last-job")


def _not_one(detail: str, advice: str = "See the jobs there are with `runyard ps -a`.") -> RunyardClientError:
    return RunyardClientError(detail, code="job-not-found", status=404, advice=advice)
