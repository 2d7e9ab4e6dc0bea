"""Secrets: set, list, look at, remove; and the rotation of the key they are sealed under."""

from dataclasses import asdict
from typing import Annotated, Any, Self

from litestar import Controller, Request, delete, get, post, put
from litestar.params import FromPath, QueryParameter, RawBody
from pydantic import Field

from ...application.secrets.list_secrets import ListSecretsCommand
from ...application.secrets.remove_secret import RemoveSecretCommand
from ...application.secrets.rotate_key import RotateKeyCommand, Rotation
from ...application.secrets.set_secret import SetSecretCommand
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.secrets.secret import InvalidSecret, Secret, SecretNotFound, SecretValue
from .given import Everything
from .request_body import read_body
from .secret_bodies import RotationBody, SecretBody
from .spec_views import Moment, View

Project = Annotated[str, QueryParameter(description="The project whose secret it is.")]


class SecretView(View):
    """What may be known of a secret: never its value. Times are UTC."""

    project: str
    name: str
    version: int = Field(description="Grows by one each time it is set.")
    set_at: Moment
    set_by: str

    @classmethod
    def of(cls, secret: Secret) -> Self:
        return cls(**asdict(secret))


class SecretsView(View):
    """Secrets, by name."""

    items: list[SecretView]


class RotationView(View):
    """What was done; again does no harm, and goes on where it was interrupted."""

    key: str = Field(description="The id of the newest key, under which everything is sealed now.")
    resealed: int = Field(description="How many values were moved to it.")
    unopened: list[str] = Field(description="What could not be opened, and why.")
    unused_keys: list[str] = Field(description="The ids of keys under which nothing is sealed any more.")

    @classmethod
    def of(cls, rotation: Rotation) -> Self:
        return cls(
            key=rotation.key,
            resealed=rotation.resealed,
            unopened=list(rotation.unopened),
            unused_keys=list(rotation.unused),
        )


class SecretsController(Controller):
    """Secrets."""

    path = "/secrets"
    tags = ("secrets",)

    @get(sync_to_thread=True, operation_id="listSecrets", summary="List secrets")
    def list_of_secrets(self, provided: Everything, project: Project = DEFAULT_PROJECT) -> SecretsView:
        """Names, versions, by whom and when; never values."""
        return SecretsView(items=[SecretView.of(secret) for secret in _all(provided, project)])

    @get("/{name:str}", sync_to_thread=True, operation_id="getSecret", summary="Look at a secret")
    def look(self, name: FromPath[str], provided: Everything, project: Project = DEFAULT_PROJECT) -> SecretView:
        """All that may be known of it: its value can be set, and read by jobs alone."""
        found = [secret for secret in _all(provided, project) if secret.name == name]
        if not found:
            raise SecretNotFound(project, name)
        return SecretView.of(found[0])

    @put("/{name:str}", sync_to_thread=True, operation_id="setSecret", summary="Set a secret")
    def set(
        self,
        request: Request[Any, Any, Any],
        name: FromPath[str],
        body: RawBody,
        provided: Everything,
        project: Project = DEFAULT_PROJECT,
    ) -> SecretView:
        """Attempts that start from now on get this value; those that run keep the one they have."""
        value = SecretValue(read_body(request, body, SecretBody, InvalidSecret).value)
        command = SetSecretCommand(project=project, name=name, value=value, by=provided.caller.name)
        return SecretView.of(provided.secrets.set_secret.execute(command))

    @delete("/{name:str}", sync_to_thread=True, operation_id="removeSecret", summary="Remove a secret")
    def remove(self, name: FromPath[str], provided: Everything, project: Project = DEFAULT_PROJECT) -> None:
        """Its value goes with it. Attempts that need it fail to start from now on."""
        provided.secrets.remove_secret.execute(RemoveSecretCommand(project=project, name=name))


class SealingController(Controller):
    """Keys that things are sealed under."""

    path = "/sealing"
    tags = ("secrets",)

    @post("/rotate", sync_to_thread=True, status_code=200, operation_id="rotateKey", summary="Rotate the sealing key")
    def rotate(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> RotationView:
        """Whatever is sealed under an older key is sealed anew, under the newest one of the key file."""
        asked = read_body(request, body, RotationBody)
        return RotationView.of(provided.secrets.rotate_key.execute(RotateKeyCommand(renew=asked.renew)))


def _all(provided: Everything, project: str) -> list[Secret]:
    return provided.secrets.list_secrets.execute(ListSecretsCommand(project=project))
