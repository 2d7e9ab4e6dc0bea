"""Units of work over secrets and whatever is sealed."""

from typing import Protocol

from .projects import ProjectReading
from .sealing import SealedReading, SealedValues
from .secrets import SecretReading, Secrets
from .work import Reading, RunnersWork, Transaction


class SealedWork(Transaction, Protocol):
    """A transaction over sealed values."""

    @property
    def sealed(self) -> SealedValues:
        """The values, to change."""


class LoginsWork(RunnersWork, SealedWork, Protocol):
    """A transaction over runners and what is kept to log in there."""


class LoginsReading(Reading, Protocol):
    """A consistent look at runners and at what is kept to log in there."""

    @property
    def sealed(self) -> SealedReading:
        """The values."""


class SecretsWork(SealedWork, Protocol):
    """A transaction over secrets and their values."""

    @property
    def secrets(self) -> Secrets:
        """The secrets, to change."""

    @property
    def projects(self) -> ProjectReading:
        """The projects there are."""


class SealedValuesReading(Protocol):
    """A consistent look at sealed values."""

    @property
    def sealed(self) -> SealedReading:
        """The values."""


class SecretsReading(SealedValuesReading, Protocol):
    """A consistent look at secrets and their values."""

    @property
    def secrets(self) -> SecretReading:
        """The secrets."""
