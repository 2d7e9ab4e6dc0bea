"""The use cases of runners."""

from dependency_injector import containers, providers

from ...application.accounts.telling import ByHand
from ...application.runners.add_agent import AddAgent
from ...application.runners.add_runner import AddRunner
from ...application.runners.adopt_runner import AdoptRunner
from ...application.runners.authenticate_agent import AuthenticateAgent
from ...application.runners.by_itself import AUTHENTICATING, OPENING, REGISTERING, ROTATING, ByItself
from ...application.runners.check_runner import CheckRunner
from ...application.runners.cordon_runner import CordonRunner
from ...application.runners.drain_runner import DrainRunner
from ...application.runners.edit_runner import EditRunner
from ...application.runners.exchange_pass import ExchangePass
from ...application.runners.forget_runner_events import ForgetRunnerEvents
from ...application.runners.get_runner import GetRunner
from ...application.runners.hear_agent import HearAgent
from ...application.runners.invite_agent import InviteAgent
from ...application.runners.keeping import KeptLogins
from ...application.runners.list_runner_events import ListRunnerEvents
from ...application.runners.list_runners import ListRunners
from ...application.runners.look_after_runners import LookAfterRunners
from ...application.runners.open_login import OpenLogin
from ...application.runners.pause_runner import PauseRunner
from ...application.runners.register_runner import RegisterRunner
from ...application.runners.release_driver import ReleaseDriver
from ...application.runners.remove_runner import RemoveRunner
from ...application.runners.renew_driver import RenewDriver
from ...application.runners.revoke_agent import RevokeAgent
from ...application.runners.show_host_key import ShowHostKey
from ...application.runners.uncordon_runner import UncordonRunner
from .providers import use_case


class RunnersUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()
    audit = providers.DependenciesContainer()
    _at = adapters.surroundings
    _begin, _read, _rings = adapters.begin, adapters.read, adapters.rings

    _lease = adapters.settings.provided.lease
    _logins = providers.Singleton(
        KeptLogins, adapters.sealer, adapters.ssh_hosts, passwords=adapters.settings.provided.ssh_passwords
    )

    _register_runner = use_case(RegisterRunner, _at, begin=_begin, identifiers=adapters.identifiers)
    register_runner = providers.Singleton(ByHand, _register_runner)
    adopt_runner = use_case(AdoptRunner, _at, begin=adapters.begin_steady, lease=_lease)
    renew_driver = use_case(RenewDriver, _at, begin=adapters.begin_steady, lease=_lease)
    release_driver = use_case(ReleaseDriver, _at, begin=adapters.begin_steady)

    list_runners = use_case(ListRunners, _at, read=_read)
    list_runner_events = use_case(ListRunnerEvents, _at, read=_read)
    forget_runner_events = use_case(ForgetRunnerEvents, _at, begin=_begin, age=adapters.settings.provided.events_age)
    get_runner = use_case(GetRunner, _at, read=_read)
    edit_runner = use_case(EditRunner, _at, begin=_begin, rings=_rings, logins=_logins)
    cordon_runner = use_case(CordonRunner, _at, begin=_begin)
    uncordon_runner = use_case(UncordonRunner, _at, begin=_begin, rings=_rings)
    pause_runner = use_case(PauseRunner, _at, begin=_begin)
    drain_runner = use_case(DrainRunner, _at, begin=_begin)
    look_after_runners = use_case(LookAfterRunners, _at, read=_read, begin=adapters.begin_steady, rings=_rings)
    add_runner = use_case(
        AddRunner, _at, begin=_begin, identifiers=adapters.identifiers, hosts=adapters.ssh_hosts, logins=_logins
    )
    check_runner = use_case(CheckRunner, _at, read=_read, begin=_begin, hosts=adapters.ssh_hosts, logins=_logins)
    open_login = use_case(OpenLogin, _at, read=_read, logins=_logins)
    show_host_key = use_case(ShowHostKey, _at, hosts=adapters.ssh_hosts)
    remove_runner = use_case(RemoveRunner, _at, begin=_begin)

    add_agent = use_case(AddAgent, _at, begin=_begin, identifiers=adapters.identifiers, texts=adapters.token_texts)
    invite_agent = use_case(InviteAgent, _at, begin=_begin, texts=adapters.token_texts)
    revoke_agent = use_case(RevokeAgent, _at, begin=_begin, rings=_rings)
    hear_agent = use_case(HearAgent, _at, begin=adapters.begin_steady, lease=_lease)
    _exchange_pass = use_case(ExchangePass, _at, begin=_begin, texts=adapters.token_texts)
    register_agent = providers.Singleton(ByItself, _exchange_pass, REGISTERING, audit.record_refusal)
    rotate_agent = providers.Singleton(ByItself, _exchange_pass, ROTATING, audit.record_refusal)
    _authenticate_agent = use_case(AuthenticateAgent, _at, read=_read, begin=_begin, rings=_rings)
    authenticate_agent = providers.Singleton(ByItself, _authenticate_agent, AUTHENTICATING, audit.record_refusal)
    open_session = providers.Singleton(ByItself, adopt_runner, OPENING, audit.record_refusal)
