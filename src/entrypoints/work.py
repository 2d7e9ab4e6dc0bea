"""`runyard worker`: ticks, errands, and the runner of this host. Any number of them, on PostgreSQL and Redis."""

import json as json_text
import os
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from dependency_injector import providers

from ..domain.errors import RunyardError
from ..domain.runners.ids import DriverId
from .complaining import complained
from .logging import configure_logging
from .production import check_surroundings, running, shared_data_dir, told_to_stop
from .settings import ProductionSettings, read_settings
from .wiring.production import WorkerContainer

_HAND_OVER_SECONDS = 5.0


def main(*, data_dir: Path | None, local: bool, name: str | None, slots: int | None, json: bool) -> int:
    """Work until a signal says stop; the exit code: 0, or 1, 2, 5 with a sentence on standard error."""
    try:
        given: dict[str, Any] = {"data_dir": data_dir, "runner_name": name, "slots": slots}
        settings = read_settings(ProductionSettings, given)
        configure_logging(settings.log_level)
        stop = told_to_stop()
        with shared_data_dir(settings):
            container = WorkerContainer(settings=settings)
            check_surroundings(container)
            with running(container.parts(), container.adapters.store()):
                driver = _driver(container, settings) if local else None
                _announce(settings, local=local, json=json)
                stop.wait()
                if driver is not None:
                    driver.stop(_HAND_OVER_SECONDS)
    except RunyardError as refusal:
        return complained(refusal)
    return 0


def _driver(container: WorkerContainer, settings: ProductionSettings) -> Any:
    if os.geteuid() == 0:
        structlog.get_logger().warning("jobs will run as root")
    house = container.house(folder=settings.data_dir / "runners")
    runner, supervisor_dir = house.register(settings.runner_name, settings.slots)
    container.adapters.supervisor_dir.override(providers.Object(supervisor_dir))
    driver = container.driver()
    # Never the same twice: a process that comes back from a long stop must not take itself for its successor.
    driver.start(runner.id, DriverId(f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:12]}"))
    return driver


def _announce(settings: ProductionSettings, *, local: bool, json: bool) -> None:
    runner = settings.runner_name if local else None
    told = f"Runyard works here, with runner {runner!r}" if runner else "Runyard works here, without a runner"
    print(json_text.dumps({"pid": os.getpid(), "runner": runner}) if json else told, flush=True)  # noqa: T201 - said once
