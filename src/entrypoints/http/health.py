"""Whether the server lives, whether it can work, and which one it is. Open to everybody; holds no data."""

from typing import Literal

import structlog
from litestar import Controller, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from .given import House
from .problems import ProblemError, Refused
from .provided import Check

_log = structlog.get_logger(__name__)


class AliveView(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class ReadyView(BaseModel):
    """Everything that must work does. Without what is `degraded` all goes on, a little slower."""

    status: Literal["ready"] = "ready"
    checks: list[str]
    degraded: list[str]


class VersionView(BaseModel):
    """Which Runyard this is, and which versions of the API it speaks."""

    version: str
    api: list[str] = ["v1"]


class HealthController(Controller):
    """Health."""

    tags = ("health",)
    security = ()

    @get("/livez", sync_to_thread=False, operation_id="livez", summary="Does the process answer?")
    def livez(self) -> AliveView:
        """Always yes, if at all."""
        return AliveView()

    @get("/readyz", sync_to_thread=True, operation_id="readyz", summary="Can it work?")
    def readyz(self, house: House) -> ReadyView:
        """Looks at each thing that must work; 503 names those that do not."""
        failed = [name for name, check in house.readiness.items() if not _works(name, check)]
        if failed:
            errors = [ProblemError(parameter=name, detail="does not work; the log tells why") for name in failed]
            raise Refused(503, "not-ready", f"not ready: {', '.join(failed)}", errors, Retry_After="1")
        helpful = {name: _works(name, check) for name, check in house.helpful.items()}
        return ReadyView(
            checks=[*house.readiness, *(name for name, works in helpful.items() if works)],
            degraded=[name for name, works in helpful.items() if not works],
        )

    @get("/version", sync_to_thread=False, operation_id="version", summary="Which version is it?")
    def version_of(self, version: NamedDependency[str]) -> VersionView:
        """The version of the server and of its API."""
        return VersionView(version=version)


def _works(name: str, check: Check) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever it raises, the answer is no
        _log.warning("not ready", check=name, exc_info=True)
        return False
    return True
