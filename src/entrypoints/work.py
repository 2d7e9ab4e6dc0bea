"""`runyard worker`: ticks, errands, and the runner of this host. Any number of them, on PostgreSQL and Redis."""

import json as json_text
import os
from pathlib import Path
from typing import Any

import structlog
from dependency_injector import providers

from ..domain.errors import Refusal, RunyardError
from .complaining import complained
from .data_dir import DataDir
from .doorkeeper import only
from .garbage import settle
from .logging import configure_logging
from .production import check_surroundings, running, shared_data_dir
from .settings import ProductionSettings, read_settings
from .stop_signals import StopSignals
from .wiring.production import WorkerContainer
from .worker.metrics_door import MetricsDoor

_HAND_OVER_SECONDS = 5.0


def main(*, data_dir: Path | None, local: bool, name: str | None, slots: int | None, json: bool) -> int:
    """Work until a signal says stop; the exit code: 0, or 1, 2, 5 with a sentence on standard error."""
    try:
        given: dict[str, Any] = {"data_dir": data_dir, "runner_name": name, "slots": slots}
        settings = read_settings(ProductionSettings, given)
        configure_logging(settings.log_level)
        stop = StopSignals()
        with shared_data_dir(settings) as directory:
            container = WorkerContainer(settings=settings)
            check_surroundings(container)
            metrics = _metrics(container, settings, directory)
            with running([*container.parts(), *metrics], container.adapters.store()):
                driver = _driver(container, settings) if local else None
                port = metrics[0].port if metrics else None
                settle()
                _announce(settings, local=local, json=json, metrics_port=port)
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
    runner, supervisor_dir = house.register(settings.runner_name, settings.slots, settings.runner_project)
    container.adapters.supervisor_dir.override(providers.Object(supervisor_dir))
    driver = container.driver()
    driver.start(runner.id, container.driver_id())
    return driver


def _metrics(container: WorkerContainer, settings: ProductionSettings, directory: DataDir) -> list[MetricsDoor]:
    """The door to the numbers of this process, if it shall have one."""
    if settings.metrics_port is None:
        return []
    authenticate = None if settings.metrics_open else only(directory.known_token())
    page = container.observability.metrics_page().text
    try:
        return [MetricsDoor(settings.listen_host, settings.metrics_port, page, authenticate)]
    except OSError as error:
        raise MetricsPortUnavailable(settings.metrics_port, error) from error


class MetricsPortUnavailable(RunyardError):
    """The port for metrics cannot be listened on."""

    refusal = Refusal.CONFLICT
    code = "port-unavailable"

    def __init__(self, port: int, why: OSError) -> None:
        super().__init__(f"cannot listen on port {port}: {why.strerror}; choose another with RUNYARD_METRICS_PORT")


def _announce(settings: ProductionSettings, *, local: bool, json: bool, metrics_port: int | None) -> None:
    runner = settings.runner_name if local else None
    told = f"Runyard works here, with runner {runner!r}" if runner else "Runyard works here, without a runner"
    document = {"pid": os.getpid(), "runner": runner, "metrics_port": metrics_port}
    print(json_text.dumps(document) if json else told, flush=True)  # noqa: T201 - said once
