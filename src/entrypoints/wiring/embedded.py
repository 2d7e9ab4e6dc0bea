"""The whole of an embedded server."""

from dependency_injector import containers, providers

from ..settings import Settings
from ..worker.driver import Driver
from ..worker.driving import Driving
from ..worker.engine import DRIVER, Engine
from ..worker.ticker import Cleaning, Sweeps, Ticker
from .accounts import AccountsUseCases
from .adapters import Adapters
from .fleet import FleetParts
from .http import HttpDoor
from .jobs import JobsUseCases
from .observability import ObservabilityUseCases
from .runners import RunnersUseCases
from .secrets import SecretsUseCases
from .trail import AuditUseCases


class EmbeddedContainer(containers.DeclarativeContainer):
    """Adapters, use cases and what runs beside the doors. Override `settings` first."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    adapters = providers.Container(Adapters, settings=settings)
    jobs = providers.Container(JobsUseCases, adapters=adapters)
    audit = providers.Container(AuditUseCases, adapters=adapters)
    runners = providers.Container(RunnersUseCases, adapters=adapters, audit=audit)
    accounts = providers.Container(AccountsUseCases, adapters=adapters, audit=audit)
    observability = providers.Container(ObservabilityUseCases, adapters=adapters)
    secrets = providers.Container(SecretsUseCases, adapters=adapters)

    driving = providers.Singleton(
        Driving,
        adopt=runners.adopt_runner,
        renew=runners.renew_driver,
        execute=jobs.execute_jobs,
        host=adapters.host,
        rings=adapters.rings,
        clock=adapters.clock,
    )
    driver = providers.Singleton(Driver, driving, runners.release_driver)
    ticker = providers.Singleton(
        Ticker,
        sweeps=providers.Factory(Sweeps, jobs=jobs.sweep_jobs, leases=jobs.sweep_leases),
        look_after_runners=runners.look_after_runners,
        cleaning=providers.Factory(
            Cleaning,
            keys=jobs.forget_keys,
            purge=jobs.purge_jobs,
            leftovers=jobs.forget_leftovers,
            audit=audit.forget_audit,
            events=runners.forget_runner_events,
            tidy=adapters.store.provided.tidy,
        ),
    )
    ssh = providers.Container(
        FleetParts, adapters=adapters, jobs=jobs, runners=runners, driver_id=providers.Object(DRIVER)
    )
    engine = providers.Singleton(
        Engine,
        store=adapters.store,
        register=runners.register_runner,
        driver=driver,
        beside=providers.List(ticker, adapters.control_worker, ssh.fleet),
        host=adapters.local_host,
    )
    http = providers.Container(
        HttpDoor,
        adapters=adapters,
        jobs=jobs,
        runners=runners,
        accounts=accounts,
        observability=observability,
        secrets=secrets,
        audit=audit,
    )
