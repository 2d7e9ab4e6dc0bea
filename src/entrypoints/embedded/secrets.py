"""The facade of the library over the secrets of this process."""

from typing import Any

from ...application.secrets.list_secrets import ListSecretsCommand
from ...application.secrets.remove_secret import RemoveSecretCommand
from ...application.secrets.rotate_key import RotateKeyCommand
from ...application.secrets.set_secret import SetSecretCommand
from ...domain.accounts.access import OPERATING_ACCOUNT
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.secrets.secret import SecretValue
from ..client.secrets import Rotation, Secret
from ..http.secrets import RotationView, SecretView
from .refusals import told


class EmbeddedSecrets:
    """The secrets of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def list(self, *, project: str = DEFAULT_PROJECT) -> tuple[Secret, ...]:
        """Those of the project by name; never values."""
        with told():
            found = self._use_cases.list_secrets().execute(ListSecretsCommand(project=project))
        return tuple(Secret.of(SecretView.of(secret).model_dump(mode="json")) for secret in found)

    def set(self, name: str, value: str, *, project: str = DEFAULT_PROJECT) -> Secret:
        """Keep this value; attempts that start from now on get it."""
        with told():
            command = SetSecretCommand(project=project, name=name, value=SecretValue(value), by=OPERATING_ACCOUNT.name)
            secret = self._use_cases.set_secret().execute(command)
        return Secret.of(SecretView.of(secret).model_dump(mode="json"))

    def remove(self, name: str, *, project: str = DEFAULT_PROJECT) -> None:
        """Forget it; attempts that need it fail to start from now on."""
        with told():
            self._use_cases.remove_secret().execute(RemoveSecretCommand(project=project, name=name))

    def rotate_key(self, *, renew: bool = False) -> Rotation:
        """Seal everything anew under the newest key; with `renew` that key is made first."""
        with told():
            rotation = self._use_cases.rotate_key().execute(RotateKeyCommand(renew=renew))
        return Rotation.of(RotationView.of(rotation).model_dump(mode="json"))
