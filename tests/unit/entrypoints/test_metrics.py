"""The page of numbers, over a memory yard whose every use case is counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.prometheus.counters import PrometheusCounters
from runyard.adapters.prometheus.exposition import PrometheusPage
from runyard.application.jobs.cancel_job import CancelJobCommand
from runyard.application.limits.submission_limits import SubmissionLimits
from runyard.application.observability.read_gauges import ReadGauges
from runyard.application.ports.executor import Broken, Started
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.errors import JobNotFound
from runyard.domain.jobs.limits import RetryPolicy
from runyard.entrypoints.metering import metered
from runyard.entrypoints.wiring.observed import Observed
from tests.builders import a_job_id, a_new_job, a_spec
from tests.unit.application.yard import MemoryYard, Yard, ended
from tests.unit.entrypoints.http.house import JOBS, WITH_TOKEN, a_client
from tests.unit.entrypoints.http.house import Broken as Failing

DOCUMENT = Path(__file__).parents[3] / "docs/watching.md"


class Counted(MemoryYard):
    """A memory yard that is counted, and its page."""

    def __init__(self) -> None:
        self.counters = PrometheusCounters()
        clock = ManualClock()
        self.store = CountedStore(clock.now)
        self.store.counters = self.counters
        Yard.__init__(self, self.store, clock)

    def page(self, read_gauges: Any = None) -> str:
        gauges = read_gauges or ReadGauges(self.store.read)
        return PrometheusPage(self.counters, gauges, lambda: {"write": (1, 10)}, self.rings).text().decode()

    def client(self, **changes: Any) -> TestClient[Any]:
        return a_client(self, metrics=lambda: self.page().encode(), meter=self.counters, **changes)


class CountedStore(MemoryStore):
    counters: PrometheusCounters

    @contextmanager
    def begin(self) -> Iterator[Any]:
        with metered(super().begin, self.counters)() as work:
            yield work


@pytest.fixture
def counted() -> Counted:
    return Counted()


def samples(page: str, name: str) -> dict[tuple[str, ...], float]:
    found = (sample for family in text_string_to_metric_families(page) for sample in family.samples)
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for sample in found
        if sample.name == name
    }


def test_what_is_committed_is_counted(counted: Counted) -> None:
    job = counted.assigned(retry=RetryPolicy(max_attempts=2))
    counted.report(Started(job.ref, "group"), ended(job, 1), fence=job.fence)
    lost = counted.assigned()
    counted.adopt("driver")
    counted.report(Broken(lost.ref, "gone", tree_empty=None), fence=lost.fence + 1)
    page = counted.page()

    assert samples(page, "runyard_jobs_submitted_total") == {(): 2}
    assert samples(page, "runyard_claims_total") == {(): 2}
    assert samples(page, "runyard_starts_total") == {(): 1}
    assert samples(page, "runyard_retries_total") == {("exit_code",): 1}
    assert samples(page, "runyard_adoptions_total") == {(): 1}
    assert samples(page, "runyard_losses_total") == {(): 1}
    assert samples(page, "runyard_jobs_ended_total") == {}


def test_submissions_that_a_limit_refused_are_counted_by_limit_and_scope(counted: Counted) -> None:
    limits = SubmissionLimits(MemoryRates(counted.clock), counted.counters)
    counted.limit(owner="ada", queued=1)
    counted.limit(submissions_per_minute=1)
    specs = {a_job_id(): a_spec(owner=owner) for owner in ("ada", "ada", "bob", "bob")}

    with counted.store.begin() as work:
        limits.refusals(work, specs)

    assert samples(counted.page(), "runyard_submissions_turned_away_total") == {
        ("queued", "owner"): 1,
        ("submissions_per_minute", "project"): 2,
    }


def test_what_is_undone_is_not_counted(counted: Counted) -> None:
    with counted.store.begin() as work:
        work.jobs.add_all([a_new_job()])

    assert samples(counted.page(), "runyard_jobs_submitted_total") == {(): 0}


def test_the_page_tells_how_everything_stands(counted: Counted) -> None:
    counted.assigned(queue="busy")
    counted.submit(queue="waiting")
    counted.submit(queue="waiting")
    counted.clock.advance(5)
    page = counted.page()

    assert samples(page, "runyard_queue_jobs") == {("default", "waiting"): 2}
    assert samples(page, "runyard_queue_oldest_wait_seconds") == {("default", "waiting"): 5}
    assert samples(page, "runyard_jobs")[("queued",)] == 2
    assert samples(page, "runyard_jobs")[("claimed",)] == 1
    assert samples(page, "runyard_jobs")[("running",)] == 0
    assert samples(page, "runyard_runner_slots") == {("here",): 2}
    assert samples(page, "runyard_runner_slots_used") == {("here",): 1}
    assert samples(page, "runyard_runner_driven") == {("here",): 1}
    assert samples(page, "runyard_database_connections_used") == {("write",): 1}
    assert samples(page, "runyard_store_up") == {(): 1}

    counted.clock.advance(60)
    assert samples(counted.page(), "runyard_runner_driven") == {("here",): 0}


def test_the_page_answers_without_the_store(counted: Counted) -> None:
    page = counted.page(Failing(StoreUnavailable("gone")))

    assert samples(page, "runyard_store_up") == {(): 0}
    assert samples(page, "runyard_jobs_submitted_total") == {(): 0}


def test_use_cases_are_timed_by_what_came_of_them(counted: Counted) -> None:
    cancel = Observed(counted.cancel_job, counted.counters)
    cancel.execute(CancelJobCommand(job_id=counted.submit().id))
    with pytest.raises(JobNotFound):
        cancel.execute(CancelJobCommand(job_id=a_job_id()))

    count = samples(counted.page(), "runyard_use_case_seconds_count")
    assert count == {("done", "cancel_job"): 1, ("job-not-found", "cancel_job"): 1}


def test_answers_are_timed_by_route_and_never_by_path(counted: Counted) -> None:
    job = counted.submit()
    with counted.client() as client:
        client.get(f"{JOBS}/{job.id}", headers=WITH_TOKEN)
        client.head(f"{JOBS}/{job.id}", headers=WITH_TOKEN)
        client.get(f"{JOBS}/{job.id}")
        client.get("/there/is/nothing")
        client.request("BREW", "/pot")
        page = counted.page()

    assert samples(page, "runyard_http_answer_seconds_count") == {
        ("GET", "/api/v1/jobs/{job_id}", "200"): 1,
        ("HEAD", "/api/v1/jobs/{job_id}", "200"): 1,
        ("GET", "/api/v1/jobs/{job_id}", "401"): 1,
        ("GET", "none", "404"): 1,
        ("other", "none", "404"): 1,
    }
    assert job.id not in page


def test_the_page_needs_the_token_unless_it_was_opened(counted: Counted) -> None:
    with counted.client() as client:
        assert client.get("/metrics").status_code == 401
        answer = client.get("/metrics", headers=WITH_TOKEN)
    with counted.client(metrics_open=True) as client:
        opened = client.get("/metrics")

    assert (answer.status_code, opened.status_code) == (200, 200)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "runyard_store_up 1.0" in opened.text


def test_the_document_names_every_metric(counted: Counted) -> None:
    families = {family.name for family in text_string_to_metric_families(counted.page())}
    ours = {name for name in families if name.startswith("runyard_") and not name.endswith("_created")}
    told = set(re.findall(r"^\| `(runyard_[a-z_]+?)(?:_total)?`", DOCUMENT.read_text(), re.MULTILINE))

    assert told - {"runyard_database_oldest_snapshot_seconds"} == ours
