"""Many submissions, in requests that a server takes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .errors import RunyardClientError
from .fields import JobRequest
from .jobs import Submitted, as_item

_MOST_JOBS: Final = 5_000
_MOST_BYTES: Final = 8 << 20


def batches(jobs: Iterable[JobRequest], key: str | None) -> Iterator[list[dict[str, Any]]]:
    """The bodies of the jobs, so many at a time; a job without a key of its own is named by the key and its place."""
    return in_parts(_items(jobs, key), most=_MOST_JOBS, most_bytes=_MOST_BYTES)


def in_parts(items: Iterable[dict[str, Any]], *, most: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
    """So many of them in each at the most, and so many bytes of JSON, but at least one."""
    part: list[dict[str, Any]] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if part and (len(part) == most or size + length > most_bytes):
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def _items(jobs: Iterable[JobRequest], key: str | None) -> Iterator[dict[str, Any]]:
    for index, job in enumerate(jobs):
        item = as_item(job)
        if key is not None and item.get("idempotency_key") is None:
            item["idempotency_key"] = f"{key}/{index}"
        yield item


def submitted(view: Mapping[str, Any], first: int) -> list[Submitted]:
    """What the server says became of a batch whose first job stands at this place."""
    return [
        Submitted(
            index=first + item["index"],
            id=item["id"],
            replayed=item["replayed"],
            error=refusal_in(item),
        )
        for item in view["items"]
    ]


def refusal_in(item: Mapping[str, Any]) -> RunyardClientError | None:
    """Why nothing came of this one of many, if nothing did."""
    problem = item["problem"]
    if not problem:
        return None
    return RunyardClientError(
        problem["detail"],
        code=problem["type"].rpartition(":")[2],
        advice="Correct what is named and submit this job again.",
        errors=[(each.get("pointer") or "", each["detail"]) for each in problem.get("errors") or ()],
    )
