"""Drivers of runners that are reached by ssh: one per host, each with a connection of its own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from dependency_injector import containers, providers

from ...adapters.supervised.ssh.way import ssh_executor
from ...application.jobs.execute_jobs import ExecuteJobs
from ...application.ports.calling import UseCase
from ...application.runners.open_login import OpenLoginCommand
from ...domain.runners.logins import LoginSecret
from ...domain.runners.runner import Runner
from ..failpoints import Failpoints, WatchedHost
from ..worker.driver import Driver
from ..worker.driving import Driving
from ..worker.fleet import Fleet
from .observed import Observed


def _drivers(
    driver_of: Callable[..., Driver], failpoints: Failpoints, open_login: UseCase[OpenLoginCommand, LoginSecret | None]
) -> Callable[[Runner], Driver]:
    def driver(runner: Runner) -> Driver:
        assert runner.ssh is not None  # noqa: S101 - the fleet drives no others
        unlock = partial(open_login.execute, OpenLoginCommand(runner_id=runner.id, target=runner.ssh))
        host: Any = WatchedHost(ssh_executor(runner.id, runner.ssh, unlock), failpoints)
        return driver_of(driving__host=host, driving__execute__inner__host=host)

    return driver


class FleetParts(containers.DeclarativeContainer):
    """`driver_id` names this process."""

    adapters = providers.DependenciesContainer()
    jobs = providers.DependenciesContainer()
    runners = providers.DependenciesContainer()
    driver_id: providers.Dependency[Any] = providers.Dependency()

    _driver = providers.Factory(
        Driver,
        driving=providers.Factory(
            Driving,
            adopt=runners.adopt_runner,
            renew=runners.renew_driver,
            execute=providers.Factory(
                Observed,
                inner=providers.Factory(ExecuteJobs, bookkeeping=jobs.bookkeeping),
                meter=adapters.counters,
            ),
            rings=adapters.rings,
            clock=adapters.clock,
        ),
        release=runners.release_driver,
        stand_by=False,
    )
    fleet = providers.Singleton(
        Fleet,
        read=adapters.read,
        drivers=providers.Callable(_drivers, _driver.provider, adapters.failpoints, runners.open_login),
        driver_id=driver_id,
        clock=adapters.clock,
    )
