"""All tables together."""

from typing import Final

from .accounts import ACCOUNT, MEMBERSHIP, TOKEN
from .attempt_tokens import ATTEMPT_TOKEN
from .audit import AUDIT
from .jobs import ATTEMPT, DUE, JOB, JOB_LABEL, JOB_SPEC, LANE, READY
from .leases import LEASE_WATCH
from .limits import PROJECT_LIMIT
from .logs import LOG, LOG_CHUNK
from .metadata import METADATA
from .passes import RUNNER_PASS
from .projects import PROJECT
from .queues import QUEUE_PAUSE
from .runner_events import RUNNER_EVENT
from .runners import RUNNER
from .sealed import SEALED
from .seats import CKEY, HOLD, WAITER
from .secrets import SECRET
from .submission_keys import SUBMISSION_KEY

SCHEMA: Final = METADATA
TABLES: Final = (
    *(JOB, JOB_LABEL, JOB_SPEC, ATTEMPT, LANE, READY, DUE, CKEY, HOLD, WAITER, RUNNER, LOG, LOG_CHUNK, SUBMISSION_KEY),
    QUEUE_PAUSE,
    *(PROJECT, PROJECT_LIMIT, ACCOUNT, MEMBERSHIP, TOKEN),
    *(SEALED, SECRET),
    LEASE_WATCH,
    RUNNER_PASS,
    ATTEMPT_TOKEN,
    RUNNER_EVENT,
    AUDIT,
)
