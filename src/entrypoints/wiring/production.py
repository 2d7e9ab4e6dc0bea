"""The processes of a production installation."""

import os
import socket
from uuid import uuid4

from dependency_injector import containers, providers

from ...adapters.redis.connecting import check
from ...domain.runners.ids import DriverId
from ..settings import ProductionSettings
from ..worker.driver import Driver
from ..worker.driving import Driving
from ..worker.house import House
from ..worker.ticker import Cleaning, Sweeps, Ticker
from .accounts import AccountsUseCases
from .adapters import ProductionAdapters
from .fleet import FleetParts
from .http import HttpDoor
from .jobs import JobsUseCases
from .observability import ObservabilityUseCases
from .runners import RunnersUseCases
from .secrets import SecretsUseCases
from .trail import AuditUseCases


def _this_process() -> DriverId:
    """Never the same twice: a process that comes back from a long stop must not take itself for its successor."""
    return DriverId(f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:12]}")


class ProductionContainer(containers.DeclarativeContainer):
    """What `serve` and `worker` have in common. Override `settings` first."""

    settings: providers.Dependency[ProductionSettings] = providers.Dependency(instance_of=ProductionSettings)
    adapters = providers.Container(ProductionAdapters, settings=settings)
    jobs = providers.Container(JobsUseCases, adapters=adapters)
    audit = providers.Container(AuditUseCases, adapters=adapters)
    runners = providers.Container(RunnersUseCases, adapters=adapters, audit=audit)
    secrets = providers.Container(SecretsUseCases, adapters=adapters)

    check_rings = providers.Callable(check, settings.provided.redis_url)


class ServeContainer(ProductionContainer):
    """HTTP, and nothing beside it."""

    http = providers.Container(
        HttpDoor,
        adapters=ProductionContainer.adapters,
        jobs=ProductionContainer.jobs,
        runners=ProductionContainer.runners,
        accounts=providers.Container(
            AccountsUseCases, adapters=ProductionContainer.adapters, audit=ProductionContainer.audit
        ),
        observability=providers.Container(ObservabilityUseCases, adapters=ProductionContainer.adapters),
        secrets=ProductionContainer.secrets,
        audit=ProductionContainer.audit,
    )
    parts = providers.List(
        ProductionContainer.adapters.rings,
        ProductionContainer.adapters.rates,
        ProductionContainer.jobs.control_tasks,
    )


class WorkerContainer(ProductionContainer):
    """Ticks, errands, and the driver of this host's runner if it has one."""

    ticker = providers.Singleton(
        Ticker,
        sweeps=providers.Factory(
            Sweeps, jobs=ProductionContainer.jobs.sweep_jobs, leases=ProductionContainer.jobs.sweep_leases
        ),
        look_after_runners=ProductionContainer.runners.look_after_runners,
        cleaning=providers.Factory(
            Cleaning,
            keys=ProductionContainer.jobs.forget_keys,
            purge=ProductionContainer.jobs.purge_jobs,
            leftovers=ProductionContainer.jobs.forget_leftovers,
            audit=ProductionContainer.audit.forget_audit,
            events=ProductionContainer.runners.forget_runner_events,
            tidy=ProductionContainer.adapters.store.provided.tidy,
        ),
    )
    observability = providers.Container(ObservabilityUseCases, adapters=ProductionContainer.adapters)
    driver_id = providers.Singleton(_this_process)
    ssh = providers.Container(
        FleetParts,
        adapters=ProductionContainer.adapters,
        jobs=ProductionContainer.jobs,
        runners=ProductionContainer.runners,
        driver_id=driver_id,
    )
    parts = providers.List(
        ProductionContainer.adapters.rings,
        ProductionContainer.jobs.control_tasks,
        ProductionContainer.adapters.control_worker,
        ticker,
        ssh.fleet,
    )
    house = providers.Factory(
        House,
        read=ProductionContainer.adapters.read,
        register=ProductionContainer.runners.register_runner,
        identifiers=ProductionContainer.adapters.identifiers,
    )
    driving = providers.Singleton(
        Driving,
        adopt=ProductionContainer.runners.adopt_runner,
        renew=ProductionContainer.runners.renew_driver,
        execute=ProductionContainer.jobs.execute_jobs,
        host=ProductionContainer.adapters.host,
        rings=ProductionContainer.adapters.rings,
        clock=ProductionContainer.adapters.clock,
    )
    driver = providers.Singleton(Driver, driving, ProductionContainer.runners.release_driver)
