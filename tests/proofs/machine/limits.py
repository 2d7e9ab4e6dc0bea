"""Limits in the model: of projects and of owners in them, set before anything else happens."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from .asked import OWNERS, PROJECTS, Asked
from .entry import Entry

Scope = tuple[str, str | None]
"""A project, or an owner in it."""
Most = Mapping[Scope, int]

SCOPES = [(project, owner) for project in PROJECTS for owner in (None, *OWNERS)]
SOME = st.sampled_from([0, 1, 2]).flatmap(
    lambda many: st.dictionaries(st.sampled_from(SCOPES), st.integers(1, 2), min_size=many, max_size=many)
)
"""Limits, or none."""


def scopes(asked: Asked) -> tuple[Scope, Scope]:
    return (asked.project, None), (asked.project, asked.owner)


def fitting(most: Most, entries: Iterable[Entry], coming: Iterable[tuple[str, Asked]]) -> list[str]:
    """Those of the coming, one after the other, that fit beside the entries under all limits."""
    used = Counter(scope for entry in entries for scope in scopes(entry.asked))
    fit = []
    for job_id, asked in coming:
        if all(used[scope] < most[scope] for scope in scopes(asked) if scope in most):
            used.update(scopes(asked))
            fit.append(job_id)
    return fit
