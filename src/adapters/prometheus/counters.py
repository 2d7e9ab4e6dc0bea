"""What this process has counted since it started."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from ...domain.limits.errors import LimitReached
from ...domain.observability.happenings import Happening, What

_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_NAMED: Final = {
    What.CLAIMED: ("runyard_claims", "Attempts that were assigned to a runner.", ()),
    What.STARTED: ("runyard_starts", "Attempts whose process started.", ()),
    What.ADOPTED: ("runyard_adoptions", "Attempts that another driver took over.", ()),
    What.RELEASED: ("runyard_releases", "Attempts given back before they started.", ()),
    What.LOST: ("runyard_losses", "Attempts lost with their host or supervisor.", ()),
    What.UNREACHABLE: (
        "runyard_unreachable",
        "Attempts whose lease ended, and which nothing may replace before their end was seen.",
        (),
    ),
    What.RETRIED: ("runyard_retries", "Failed attempts after which the job is tried again.", ("cause",)),
    What.ENDED: ("runyard_jobs_ended", "Jobs that ended.", ("state", "reason")),
}


class PrometheusCounters:
    """A registry of its own, so that two houses in one process do not count into each other's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._submitted = Counter("runyard_jobs_submitted", "Jobs that were accepted.", registry=self.registry)
        self._turned_away = Counter(
            "runyard_submissions_turned_away",
            "Submissions that a limit refused, by the limit and whose it is.",
            ("limit", "scope"),
            registry=self.registry,
        )
        self._happened = {
            what: Counter(name, told, labels, registry=self.registry) for what, (name, told, labels) in _NAMED.items()
        }
        self._use_cases = Histogram(
            "runyard_use_case_seconds",
            "How long use cases took, by what came of them.",
            ("use_case", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Histogram(
            "runyard_http_answer_seconds",
            "How long it took until an answer began, by route template.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def submitted(self, jobs: int) -> None:
        """So many jobs were accepted."""
        self._submitted.inc(jobs)

    def turned_away(self, refusal: LimitReached) -> None:
        """A submission was refused."""
        bound = refusal.bound
        self._turned_away.labels(bound.kind.value, "project" if bound.scope.owner is None else "owner").inc()

    def happened(self, happenings: Iterable[Happening]) -> None:
        """This was committed."""
        for happening in happenings:
            counter = self._happened[happening.what]
            (counter.labels(*happening.detail) if happening.detail else counter).inc()

    def use_case_took(self, name: str, outcome: str, seconds: float) -> None:
        """A use case was executed."""
        self._use_cases.labels(name, outcome).observe(seconds)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer began so many seconds after its request."""
        self._answers.labels(method, route, str(status)).observe(seconds)
