"""What the HTTP door is handed."""

from collections.abc import Callable
from typing import Any, Final

from dependency_injector import containers, providers

from ... import __version__
from ...application.ports.rates import Rates
from ..doorkeeper import Doorkeeper
from ..http.provided import Provided
from ..http.provided_accounts import ProvidedAccounts
from ..http.provided_agent import ProvidedAgent
from ..http.provided_runners import ProvidedRunners
from ..http.provided_secrets import ProvidedSecrets
from ..http.reference import installed_assets
from ..http.shutdown import Shutdown
from ..http.terms import Terms
from ..http.waiting_room import WaitingRoom
from ..settings import Settings

ASSETS: Final = installed_assets()
"""Where the environment keeps Swagger UI and ReDoc."""


def _runner_names(read: Callable[[], Any]) -> Callable[[], Any]:
    def names() -> Any:
        with read() as reading:
            return reading.runners.names()

    return names


def _terms(settings: Settings, rates: Rates) -> Terms:
    return settings.terms(settings.bound_host, rates)


class HttpDoor(containers.DeclarativeContainer):
    """`token` is given when the door is made."""

    adapters = providers.DependenciesContainer()
    jobs = providers.DependenciesContainer()
    runners = providers.DependenciesContainer()
    accounts = providers.DependenciesContainer()
    observability = providers.DependenciesContainer()
    secrets = providers.DependenciesContainer()
    audit = providers.DependenciesContainer()

    shutdown = providers.Singleton(Shutdown)
    room = providers.Singleton(WaitingRoom, find=jobs.find_crowds, rings=adapters.rings, shutdown=shutdown)
    house = providers.Factory(
        Provided,
        create_jobs=jobs.create_jobs,
        get_job=jobs.get_job,
        get_summary=jobs.get_summary,
        list_jobs=jobs.list_jobs,
        list_attempts=jobs.list_attempts,
        read_log=jobs.read_log,
        rerun_job=jobs.rerun_job,
        rerun_jobs=jobs.rerun_jobs,
        cancel_job=jobs.cancel_job,
        explain_job=jobs.explain_job,
        cancel_jobs=jobs.cancel_jobs,
        list_queues=jobs.list_queues,
        pause_queue=jobs.pause_queue,
        resume_queue=jobs.resume_queue,
        runners=providers.Factory(
            ProvidedRunners,
            list_runners=runners.list_runners,
            get_runner=runners.get_runner,
            list_runner_events=runners.list_runner_events,
            edit_runner=runners.edit_runner,
            cordon_runner=runners.cordon_runner,
            uncordon_runner=runners.uncordon_runner,
            pause_runner=runners.pause_runner,
            drain_runner=runners.drain_runner,
            remove_runner=runners.remove_runner,
            add_runner=runners.add_runner,
            check_runner=runners.check_runner,
            show_host_key=runners.show_host_key,
            add_agent=runners.add_agent,
            invite_agent=runners.invite_agent,
            revoke_agent=runners.revoke_agent,
        ),
        accounts=providers.Factory(
            ProvidedAccounts,
            list_projects=accounts.list_projects,
            create_project=accounts.create_project,
            get_project=accounts.get_project,
            change_limits=accounts.change_limits,
            list_members=accounts.list_members,
            set_role=accounts.set_role,
            list_accounts=accounts.list_accounts,
            create_account=accounts.create_account,
            get_account=accounts.get_account,
            edit_account=accounts.edit_account,
            set_password=accounts.set_password,
            list_tokens=accounts.list_tokens,
            create_token=accounts.create_token,
            rotate_token=accounts.rotate_token,
            revoke_token=accounts.revoke_token,
        ),
        secrets=providers.Factory(
            ProvidedSecrets,
            set_secret=secrets.set_secret,
            list_secrets=secrets.list_secrets,
            remove_secret=secrets.remove_secret,
            rotate_key=secrets.rotate_key,
        ),
        agents=providers.Factory(
            ProvidedAgent,
            authenticate=runners.authenticate_agent,
            register=runners.register_agent,
            rotate=runners.rotate_agent,
            adopt=runners.open_session,
            hear=runners.hear_agent,
            release=runners.release_driver,
            bookkeeping=jobs.bookkeeping,
            room=room,
        ),
        log_in=accounts.log_in,
        list_audit=audit.list_audit,
        refusals=audit.record_refusal,
        pause_job=jobs.pause_job,
        resume_job=jobs.resume_job,
        force_finish=jobs.force_finish,
        runner_names=providers.Callable(_runner_names, adapters.read),
        rings=adapters.rings,
        terms=providers.Callable(_terms, adapters.settings, adapters.rates),
        shutdown=shutdown,
        readiness=providers.Dict(
            serving=shutdown.provided.stays,
            store=adapters.store.provided.answers,
            schema=adapters.store.provided.current,
        ),
        helpful=adapters.helpful,
        metrics=observability.metrics_page.provided.text,
        metrics_open=adapters.settings.provided.metrics_open,
        meter=adapters.counters,
        version=__version__,
        assets=ASSETS if ASSETS.is_dir() else None,
    )


def opened_by(door: Any, token: str) -> Provided:
    """What the door (the `HttpDoor` of a container) needs; this is the token of the instance's admin."""
    keeper = Doorkeeper(door.accounts.authenticate(), token)
    provided: Provided = door.house(doorkeeper=keeper, read=door.adapters.read())
    return provided
