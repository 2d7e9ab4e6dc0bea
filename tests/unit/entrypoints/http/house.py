"""A door over the memory yard, and what tests say through it."""

from dataclasses import fields
from typing import Any

from litestar.testing import TestClient

from runyard.application.jobs.explain_job import ExplainJob
from runyard.application.jobs.find_crowds import FindCrowds
from runyard.application.jobs.get_summary import GetSummary
from runyard.application.jobs.list_attempts import ListAttempts
from runyard.application.jobs.list_jobs import ListJobs
from runyard.application.jobs.list_queues import ListQueues
from runyard.application.secrets.list_secrets import ListSecrets
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.entrypoints.doorkeeper import Doorkeeper
from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.hosts import Hosts
from runyard.entrypoints.http.provided import Provided
from runyard.entrypoints.http.provided_accounts import ProvidedAccounts
from runyard.entrypoints.http.provided_agent import ProvidedAgent
from runyard.entrypoints.http.provided_runners import ProvidedRunners
from runyard.entrypoints.http.provided_secrets import ProvidedSecrets
from runyard.entrypoints.http.shutdown import Shutdown
from runyard.entrypoints.http.terms import Terms
from runyard.entrypoints.http.waiting_room import WaitingRoom
from tests.builders import NOON
from tests.unit.application.yard import Yard

TOKEN = "open-sesame"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
API = "/api/v1"
JOBS = f"{API}/jobs"
HOSTS = Hosts.of("127.0.0.1", ["testserver.local"])
"""The test client calls the server so."""


def provided_by(yard: Yard, **changes: Any) -> Provided:
    def runner_names():
        with yard.store.read() as reading:
            return reading.runners.names()

    shutdown = Shutdown()
    ready = {
        "create_jobs": yard.create_jobs,
        "get_job": yard.get_job,
        "get_summary": GetSummary(yard.store.read),
        "list_jobs": ListJobs(yard.store.read),
        "list_attempts": ListAttempts(yard.store.read),
        "read_log": yard.read_log,
        "rerun_job": yard.rerun_job,
        "rerun_jobs": yard.rerun_jobs,
        "cancel_job": yard.cancel_job,
        "explain_job": ExplainJob(yard.store.read),
        "cancel_jobs": yard.cancel_jobs,
        "list_queues": ListQueues(yard.store.read),
        "pause_queue": yard.pause_queue,
        "resume_queue": yard.resume_queue,
        "runners": ProvidedRunners(**{use.name: getattr(yard, use.name) for use in fields(ProvidedRunners)}),
        "accounts": ProvidedAccounts(**{use.name: getattr(yard, use.name) for use in fields(ProvidedAccounts)}),
        "log_in": yard.log_in,
        "list_audit": yard.list_audit,
        "refusals": yard.record_refusal,
        "read": yard.store.read,
        "secrets": ProvidedSecrets(
            set_secret=yard.set_secret,
            list_secrets=ListSecrets(yard.store.read),
            remove_secret=yard.remove_secret,
            rotate_key=yard.rotate_key,
        ),
        "pause_job": yard.pause_job,
        "resume_job": yard.resume_job,
        "force_finish": yard.force_finish,
        "runner_names": runner_names,
        "rings": yard.rings,
        "doorkeeper": Doorkeeper(yard.authenticate, TOKEN),
        "terms": Terms(hosts=HOSTS),
        "version": "1.2.3",
        "agents": ProvidedAgent(
            authenticate=yard.authenticate_agent,
            register=yard.register_agent,
            rotate=yard.rotate_agent,
            adopt=yard.open_session,
            hear=yard.hear_agent,
            release=yard.release_driver,
            bookkeeping=yard.bookkeeping,
            room=WaitingRoom(FindCrowds(yard.store.read), yard.rings, shutdown),
        ),
        "shutdown": shutdown,
    }
    return Provided(**{**ready, **changes})


def a_client(yard: Yard, **changes: Any) -> TestClient[Any]:
    """Unexpected errors come back as answers, as they do to real clients; nobody presents a token by itself."""
    return TestClient(create_app(provided_by(yard, **changes)), raise_server_exceptions=False)


def output(job: Job, offset: int, *records: tuple[Stream, bytes]) -> LogChunk:
    return LogChunk(job.ref, offset, tuple(LogRecord(stream, NOON, data) for stream, data in records))


class Broken:
    """A use case with a fault, or one whose store does not answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def execute(self, _command: object, /) -> Any:
        raise self._error
