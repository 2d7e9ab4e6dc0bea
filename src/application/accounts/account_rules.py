"""The rules of projects and their limits, of accounts, their roles and their tokens."""

from dataclasses import replace
from typing import TypeVar

from ...domain.accounts.access import INSTANCE, Actor, Resource, Verdict, authorize, projects_of
from ...domain.accounts.permissions import Permission
from ...domain.accounts.projects import ProjectNotFound
from ..audit.list_audit import ListAuditCommand
from ..limits.change_limits import ChangeLimitsCommand
from ..limits.get_project import GetProjectCommand
from ..ports.work import Begin
from .create_token import CreateTokenCommand
from .get_account import GetAccountCommand
from .list_members import ListMembersCommand
from .list_tokens import ListTokensCommand
from .requiring import GuardReading, Rule, require, require_of_instance
from .revoke_token import RevokeTokenCommand
from .rotate_token import RotateTokenCommand
from .set_password import SetPasswordCommand
from .set_role import SetRoleCommand

_P = Permission
C = TypeVar("C")
M = TypeVar("M", ListMembersCommand, SetRoleCommand)
A = TypeVar("A", GetAccountCommand, SetPasswordCommand)
T = TypeVar("T", ListTokensCommand, RotateTokenCommand, RevokeTokenCommand)


def of_instance(action: Permission) -> Rule:
    def rule(actor: Actor, command: C, _: Begin[GuardReading]) -> C:
        require_of_instance(actor, action)
        return command

    return rule


def get_project(actor: Actor, command: GetProjectCommand, _: Begin[GuardReading]) -> GetProjectCommand:
    require(actor, _P.SEE, Resource(project=command.name), ProjectNotFound(command.name))
    return command


def change_limits(actor: Actor, command: ChangeLimitsCommand, _: Begin[GuardReading]) -> ChangeLimitsCommand:
    """What a project may take of the whole is not for its own admins to say, but how its owners share it."""
    action = _P.MANAGE_PROJECTS if command.owner is None else _P.MANAGE_LIMITS
    require(actor, action, Resource(project=command.project), ProjectNotFound(command.project))
    return command


def on_members(actor: Actor, command: M, _: Begin[GuardReading]) -> M:
    require(actor, _P.MANAGE_MEMBERS, Resource(project=command.project), ProjectNotFound(command.project))
    return command


def on_account(actor: Actor, command: A, _: Begin[GuardReading]) -> A:
    """One's own, or anybody's for who manages accounts."""
    if command.name != actor.name or actor.account is None:
        require_of_instance(actor, _P.MANAGE_ACCOUNTS)
    else:
        require_of_instance(actor, _P.MANAGE_OWN_TOKENS)
    return command


def set_password(actor: Actor, command: SetPasswordCommand, read: Begin[GuardReading]) -> SetPasswordCommand:
    """One's own with the old one; anybody's without, for who manages accounts."""
    on_account(actor, command, read)
    by_admin = authorize(actor, _P.MANAGE_ACCOUNTS, INSTANCE) is Verdict.ALLOWED
    return replace(command, needs_old=not by_admin or command.name == actor.name)


def on_tokens(actor: Actor, command: T, _: Begin[GuardReading]) -> T:
    """One's own, or anybody's for who manages accounts. No token begets one that may do more."""
    require_of_instance(actor, _P.MANAGE_OWN_TOKENS)
    if authorize(actor, _P.MANAGE_ACCOUNTS, INSTANCE) is Verdict.ALLOWED:
        return replace(command, only_of=None)
    return replace(command, only_of=actor.account)


def create_token(actor: Actor, command: CreateTokenCommand, _: Begin[GuardReading]) -> CreateTokenCommand:
    require_of_instance(actor, _P.MANAGE_OWN_TOKENS)
    if command.account not in (None, actor.name) or actor.account is None:
        require_of_instance(actor, _P.MANAGE_ACCOUNTS)
    scopes = command.terms.scopes
    if actor.scopes is not None:
        scopes = actor.scopes if scopes is None else scopes & actor.scopes
    return replace(command, account=command.account or actor.name, terms=replace(command.terms, scopes=scopes))


def list_audit(actor: Actor, command: ListAuditCommand, _: Begin[GuardReading]) -> ListAuditCommand:
    """That of one's projects; what belongs to none, for an admin of the instance."""
    wanted, allowed = command.which.project, projects_of(actor, _P.SEE_AUDIT)
    if wanted is not None:
        require(actor, _P.SEE_AUDIT, Resource(project=wanted), ProjectNotFound(wanted))
    elif not allowed and allowed is not None:
        require_of_instance(actor, _P.SEE_AUDIT)
    return replace(command, which=replace(command.which, projects=allowed))
