"""The application: every route, behind one door."""

from typing import Final

from litestar import Controller, Litestar, Router

from ...domain.runners.passes import PassKind
from .accounts import AccountsController
from .addresses import refuse_unknown_parameters
from .agent_auth import Admitted, AgentAuthentication, the_runner
from .agent_door import AgentController, RegisterController
from .agent_output import AgentOutputController
from .agent_sync import AgentSyncController
from .agents import AgentsController
from .audit import AuditController
from .auth import Authentication
from .cancel_job import CancelJobController
from .cancel_jobs import CancelJobsController
from .create_jobs import CreateJobsController
from .door import Door
from .explain_job import ExplainJobController
from .given import dependencies
from .health import HealthController
from .jobs import JobsController
from .log_stream import LogStreamController
from .logs import LogsController
from .metrics import MetricsController
from .problems import EXCEPTION_HANDLERS
from .projects import ProjectsController
from .provided import Provided
from .queues import QueuesController
from .reference import reference
from .rerun_jobs import RerunJobsController
from .runner_events import RunnerEventsController
from .runners import RunnersController
from .secrets import SealingController, SecretsController
from .steer_job import SteerJobController
from .threads import StreamThreads
from .tokens import LogInController, TokensController

API: Final = "/api/v1"
MOST_BODY_BYTES: Final = 64 << 10
"""Where nothing else is said. Submissions say more."""


def create_app(provided: Provided) -> Litestar:
    """The HTTP door of a house whose objects are ready-made."""
    threads = StreamThreads()
    api = Router(
        API,
        route_handlers=[
            CreateJobsController,
            ExplainJobController,
            JobsController,
            CancelJobController,
            CancelJobsController,
            RerunJobsController,
            SteerJobController,
            LogsController,
            LogStreamController,
            RunnersController,
            RunnerEventsController,
            AgentsController,
            QueuesController,
            ProjectsController,
            SecretsController,
            SealingController,
            AccountsController,
            TokensController,
            AuditController,
        ],
        middleware=[Authentication(provided.doorkeeper)],
        security=[{"bearer": []}],
    )
    outside = [Router(API, route_handlers=[LogInController]), *_for_agents(provided)]
    guarded = [] if provided.metrics_open else [Authentication(provided.doorkeeper)]
    metrics = Router(
        "/metrics",
        route_handlers=[MetricsController],
        middleware=guarded,
        security=[{"bearer": []}] if guarded else [],
    )
    return Door(
        meter=provided.meter,
        terms=provided.terms,
        route_handlers=[api, *outside, metrics, HealthController],
        dependencies=dependencies(provided, threads),
        on_shutdown=[threads.close],
        before_request=refuse_unknown_parameters,
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=MOST_BODY_BYTES,
        openapi_config=reference(provided.version, provided.assets),
        logging_config=None,
        debug=False,  # not even if the environment says so
        pdb_on_exception=False,
    )


def _for_agents(provided: Provided) -> list[Router]:
    """Doors of their own: the tokens of runners open these alone, and nothing else opens them."""
    if provided.agents is None:
        return []
    doors: list[tuple[PassKind, Admitted | None, list[type[Controller]]]] = [
        (PassKind.JOIN, None, [RegisterController]),
        (PassKind.RUNNER, None, [AgentController, AgentOutputController]),
        (PassKind.RUNNER, Admitted(), [AgentSyncController]),
    ]
    return [
        Router(
            API,
            route_handlers=[*controllers],
            middleware=[AgentAuthentication(provided.agents.authenticate, kind, admitted)],
            dependencies={"runner": the_runner()},
            security=[{"bearer": []}],
        )
        for kind, admitted, controllers in doors
    ]
