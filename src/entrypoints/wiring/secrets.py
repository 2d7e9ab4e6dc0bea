"""The use cases of secrets and of the keys they are sealed under."""

from dependency_injector import containers, providers

from ...adapters.cryptography.keys import KeyFile
from ...application.secrets.list_secrets import ListSecrets
from ...application.secrets.remove_secret import RemoveSecret
from ...application.secrets.rotate_key import RotateKey
from ...application.secrets.set_secret import SetSecret
from ..settings import Settings
from .providers import use_case


def own_keys(settings: Settings) -> KeyFile:
    """An embedded server makes its own, unless it is given others."""
    given = settings.secret_key_file
    return KeyFile(given) if given else KeyFile(settings.data_dir / "secret.key", ours=True)


def given_keys(settings: Settings) -> KeyFile:
    """Several processes must have the same ones, so none of them makes any."""
    return KeyFile(settings.secret_key_file)


class SecretsUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()
    _at = adapters.surroundings
    _begin, _read, _sealer = adapters.begin, adapters.read, adapters.sealer

    set_secret = use_case(SetSecret, _at, begin=_begin, sealer=_sealer)
    list_secrets = use_case(ListSecrets, _at, read=_read)
    remove_secret = use_case(RemoveSecret, _at, begin=_begin)
    rotate_key = use_case(RotateKey, _at, begin=_begin, sealer=_sealer)
