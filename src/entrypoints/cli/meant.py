"""The options that say which jobs are meant."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

from cyclopts import Parameter

from ..client.fields import JobsMeant
from .exits import WrongUsage
from .options import option
from .values import labels


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Meant:
    """Which jobs: those for which all of it is true."""

    label: Annotated[
        tuple[str, ...], option("label", metavar="K=V", help="Only with this label; may be repeated.")
    ] = ()
    project: Annotated[str | None, option("project", help="Only of this project.")] = None
    owner: Annotated[str | None, option("owner", help="Only of this owner.")] = None
    queue: Annotated[str | None, option("queue", help="Only of this queue.")] = None
    name: Annotated[str | None, option("name", help="Only of this name.")] = None
    created_after: Annotated[
        str | None, option("created-after", metavar="TIME", help="Only from then on: 2030-01-31T12:00:00Z.")
    ] = None
    created_before: Annotated[str | None, option("created-before", metavar="TIME", help="Only from before then.")] = (
        None
    )

    def filter(self) -> JobsMeant:
        """As the client takes it; what was not said is left out."""
        said: dict[str, Any] = {
            "labels": labels(self.label) or None,
            "project": self.project,
            "owner": self.owner,
            "queue": self.queue,
            "name": self.name,
            "created_after": self.created_after,
            "created_before": self.created_before,
        }
        return cast("JobsMeant", {name: value for name, value in said.items() if value is not None})


ANY: Final = Meant()


def by_filter(what: str, jobs: Sequence[str], state: Sequence[str], meant: Meant, *, dry_run: bool) -> bool:
    """Whether a filter says which, and not ids; `WrongUsage` if both do, or nothing does."""
    if state or meant != ANY:
        if jobs:
            raise WrongUsage("there are ids and a filter; leave one of them out")
        return True
    if not jobs:
        raise WrongUsage(f"there is no job to {what}; give at least one id, @last, or a filter such as --label")
    if dry_run:
        raise WrongUsage("--dry-run goes with a filter such as --label")
    return False


def agreed(what: str, count: Callable[[], int]) -> bool:
    """Whether somebody says yes to doing it to so many jobs; without a terminal to ask on, `WrongUsage`."""
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        raise WrongUsage(f"without a terminal to ask on, say --yes to {what} many jobs, or --dry-run")
    print(f"{what.capitalize()} {count()} jobs? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
