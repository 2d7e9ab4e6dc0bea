"""The use cases of secrets, as the door needs them."""

from dataclasses import dataclass

from ...application.ports.calling import UseCase
from ...application.secrets.list_secrets import ListSecretsCommand
from ...application.secrets.remove_secret import RemoveSecretCommand
from ...application.secrets.rotate_key import RotateKeyCommand, Rotation
from ...application.secrets.set_secret import SetSecretCommand
from ...domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedSecrets:
    """Ready-made use cases."""

    set_secret: UseCase[SetSecretCommand, Secret]
    list_secrets: UseCase[ListSecretsCommand, list[Secret]]
    remove_secret: UseCase[RemoveSecretCommand, None]
    rotate_key: UseCase[RotateKeyCommand, Rotation]
