"""The rules of secrets."""

from dataclasses import replace

from ...domain.accounts.access import Actor, Resource
from ...domain.accounts.permissions import Permission
from ...domain.accounts.projects import ProjectNotFound
from ..ports.work import Begin
from ..secrets.list_secrets import ListSecretsCommand
from ..secrets.remove_secret import RemoveSecretCommand
from ..secrets.set_secret import SetSecretCommand
from .requiring import GuardReading, require

_P = Permission


def list_secrets(actor: Actor, command: ListSecretsCommand, _: Begin[GuardReading]) -> ListSecretsCommand:
    require(actor, _P.SEE, Resource(project=command.project), ProjectNotFound(command.project))
    return command


def set_secret(actor: Actor, command: SetSecretCommand, _: Begin[GuardReading]) -> SetSecretCommand:
    require(actor, _P.MANAGE_SECRETS, Resource(project=command.project), ProjectNotFound(command.project))
    return replace(command, by=actor.name)


def remove_secret(actor: Actor, command: RemoveSecretCommand, _: Begin[GuardReading]) -> RemoveSecretCommand:
    require(actor, _P.MANAGE_SECRETS, Resource(project=command.project), ProjectNotFound(command.project))
    return command
