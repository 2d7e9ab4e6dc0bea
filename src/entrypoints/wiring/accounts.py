"""The use cases of accounts."""

from dependency_injector import containers, providers

from ...application.accounts.authenticate import Authenticate
from ...application.accounts.authenticate_anybody import AuthenticateAnybody
from ...application.accounts.authenticate_attempt import AuthenticateAttempt
from ...application.accounts.create_account import CreateAccount
from ...application.accounts.create_project import CreateProject
from ...application.accounts.create_token import CreateToken
from ...application.accounts.edit_account import EditAccount
from ...application.accounts.get_account import GetAccount
from ...application.accounts.guessing import Unguessed, UnguessedChange
from ...application.accounts.list_accounts import ListAccounts
from ...application.accounts.list_members import ListMembers
from ...application.accounts.list_projects import ListProjects
from ...application.accounts.list_tokens import ListTokens
from ...application.accounts.log_in import LogIn
from ...application.accounts.revoke_token import RevokeToken
from ...application.accounts.rotate_token import RotateToken
from ...application.accounts.set_password import SetPassword
from ...application.accounts.set_role import SetRole
from ...application.accounts.telling import AtTheDoor
from ...application.limits.change_limits import ChangeLimits
from ...application.limits.get_project import GetProject
from .providers import use_case


class AccountsUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()
    audit = providers.DependenciesContainer()
    _at = adapters.surroundings
    _begin, _read = adapters.begin, adapters.read

    list_projects = use_case(ListProjects, _at, read=_read)
    create_project = use_case(CreateProject, _at, begin=_begin)
    get_project = use_case(GetProject, _at, read=_read, usual=adapters.settings.provided.usual_limits)
    change_limits = use_case(ChangeLimits, _at, begin=_begin)
    list_members = use_case(ListMembers, _at, read=_read)
    set_role = use_case(SetRole, _at, begin=_begin)
    list_accounts = use_case(ListAccounts, _at, read=_read)
    create_account = use_case(
        CreateAccount, _at, begin=_begin, identifiers=adapters.identifiers, passwords=adapters.passwords
    )
    get_account = use_case(GetAccount, _at, read=_read)
    edit_account = use_case(EditAccount, _at, begin=_begin)
    set_password = providers.Singleton(
        UnguessedChange,
        use_case(SetPassword, _at, read=_read, begin=_begin, passwords=adapters.passwords),
        rates=adapters.rates,
        rate=adapters.settings.provided.guesses,
    )
    list_tokens = use_case(ListTokens, _at, read=_read)
    create_token = use_case(CreateToken, _at, begin=_begin, texts=adapters.token_texts)
    rotate_token = use_case(RotateToken, _at, begin=_begin, texts=adapters.token_texts)
    revoke_token = use_case(RevokeToken, _at, begin=_begin)
    _log_in = use_case(LogIn, _at, read=_read, begin=_begin, passwords=adapters.passwords, texts=adapters.token_texts)
    log_in = providers.Singleton(
        Unguessed,
        providers.Singleton(AtTheDoor, _log_in, audit.record_refusal),
        read=_read,
        rates=adapters.rates,
        rate=adapters.settings.provided.guesses,
    )
    _authenticate = providers.Singleton(
        AuthenticateAnybody,
        accounts=use_case(Authenticate, _at, read=_read, begin=_begin),
        attempts=use_case(AuthenticateAttempt, _at, read=_read),
    )
    authenticate = providers.Singleton(AtTheDoor, _authenticate, audit.record_refusal)
