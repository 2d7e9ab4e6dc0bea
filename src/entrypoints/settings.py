"""Settings of the server, from flags and `RUNYARD_…` variables; wrong ones are named at start."""

import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from ..domain.accounts.projects import DEFAULT_PROJECT
from ..domain.audit.entry import LEAST_KEPT
from ..domain.errors import Refusal, RunyardError
from ..domain.jobs.environment import LOADER_VARIABLES, DeniedVariables
from ..domain.jobs.leases import LeaseTerms
from ..domain.jobs.retention import Retention
from ..domain.jobs.spec import MAX_SECONDS
from ..domain.jobs.states import JobState
from .discovery import state_directory
from .door_settings import DoorSettings
from .failpoints import parse_failpoints
from .limit_settings import LimitSettings

S = TypeVar("S", bound="Settings")


class Settings(DoorSettings, LimitSettings):
    """What every server needs to know. Each field has its variable: `RUNYARD_` and its name."""

    model_config = SettingsConfigDict(env_prefix="RUNYARD_", extra="ignore", validate_default=True)

    data_dir: Path = Field(default_factory=state_directory)
    database_url: str | None = Field(default=None, repr=False)
    slots: int | None = Field(default=None, ge=1, le=10_000)
    driver_lease: float = Field(default=15.0, ge=1.0, le=3600.0)
    attempt_lease: float | None = Field(default=None, gt=0.0, le=MAX_SECONDS)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    containment: Literal["cgroup2", "freezer", "subreaper", "group"] | None = None
    failpoints: str = ""
    metrics_open: bool = False
    keep_succeeded_days: float = Field(default=30.0, ge=0, le=36500)
    keep_failed_days: float = Field(default=30.0, ge=0, le=36500)
    keep_cancelled_days: float = Field(default=30.0, ge=0, le=36500)
    keep_jobs: int = Field(default=1_000_000, ge=0, le=1_000_000_000)
    keep_output_bytes: int = Field(default=50 << 30, ge=0)
    keep_audit_days: float = Field(default=365.0, ge=0, le=36500)
    keep_events_days: float = Field(default=30.0, ge=0, le=36500)
    min_free_bytes: int = Field(default=128 << 20, ge=0)
    min_free_inodes: int = Field(default=1000, ge=0)
    secret_key_file: Path | None = None
    denied_env: str = ""
    ssh_passwords: bool = False
    public_url: str | None = None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("secret_key_file", mode="before")
    @classmethod
    def _none_if_empty(cls, path: object) -> object:
        return path or None

    @field_validator("secret_key_file")
    @classmethod
    def _absolute_if_set(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        named = parts.hostname and (parts.port or 1) and parts.username is None
        if url and (parts.scheme not in {"http", "https"} or not named or parts.query or parts.fragment):
            raise ValueError("must be an address as in https://runyard.example.org")
        return url.rstrip("/") if url else None

    @field_validator("failpoints")
    @classmethod
    def _parsable(cls, text: str) -> str:
        parse_failpoints(text)
        return text

    @field_validator("keep_audit_days")
    @classmethod
    def _long_enough(cls, days: float) -> float:
        if 0 < days < LEAST_KEPT.days:
            raise ValueError(f"the audit trail is kept for {LEAST_KEPT.days} days or longer; 0 keeps it for ever")
        return days

    @property
    def audit_age(self) -> timedelta | None:
        """How long an entry of the audit trail is kept; None is for ever."""
        return timedelta(days=self.keep_audit_days) if self.keep_audit_days else None

    @property
    def events_age(self) -> timedelta | None:
        """How long an event of a runner is kept; None is for ever."""
        return timedelta(days=self.keep_events_days) if self.keep_events_days else None

    @property
    def store_url(self) -> str:
        """Where the store is: the given database, or a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'runyard.db'}"

    @property
    def lease(self) -> timedelta:
        """After so much silence of a driver another one takes its runner over."""
        return timedelta(seconds=self.driver_lease)

    @property
    def lease_terms(self) -> LeaseTerms:
        """How long hosts go on alone: so long as is set for all, or as is usual for runners of their kind."""
        return LeaseTerms(setting=self.attempt_lease, driver_lease=self.driver_lease)

    @property
    def retention(self) -> Retention:
        """How long what has ended is kept; a limit of 0 keeps for ever."""
        days = {
            JobState.SUCCEEDED: self.keep_succeeded_days,
            JobState.FAILED: self.keep_failed_days,
            JobState.CANCELLED: self.keep_cancelled_days,
        }
        ages = {state: timedelta(days=each) for state, each in days.items() if each}
        return Retention(ages=ages, jobs=self.keep_jobs or None, output=self.keep_output_bytes or None)

    @property
    def bound_host(self) -> str:
        """The address to listen on."""
        return "127.0.0.1"

    @property
    def denied_variables(self) -> DeniedVariables:
        """What no job may set."""
        return DeniedVariables(tuple(self.denied_env.replace(",", " ").split()))

    @property
    def supervisor_dir(self) -> Path:
        """Where the supervisor of an embedded server's runner lives."""
        return self.data_dir / "supervisor"


class EmbeddedSettings(Settings):
    """What a whole server in one process needs: it is alone with its store, and has a name that no other has there."""

    @field_validator("database_url")
    @classmethod
    def _its_own(cls, url: str | None) -> str | None:
        if url:
            raise ValueError(
                "a server in one process keeps everything in a file of its data directory; unset this, "
                "or use the database with `runyard serve` and `runyard worker --local`, which need Redis too"
            )
        return None


class ProductionSettings(Settings):
    """What the processes of a production installation need beside that: the same file does for all of them."""

    redis_url: str | None = Field(default=None, repr=False)
    listen_host: str = "127.0.0.1"
    listen_port: int = Field(default=7433, ge=0, le=65_535)
    drain: float = Field(default=3.0, ge=0.0, le=600.0)
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    runner_project: str = DEFAULT_PROJECT
    runner_name: str = Field(default_factory=socket.gethostname, min_length=1, max_length=200)
    allow_unsafe_database: bool = False
    denied_env: str = ",".join(LOADER_VARIABLES)

    @property
    def bound_host(self) -> str:
        return self.listen_host

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, url: str | None) -> str | None:
        scheme = _scheme(url, "a PostgreSQL database, as in postgresql://runyard@localhost/runyard")
        if scheme.startswith("sqlite"):
            raise ValueError("SQLite serves one process alone, with `runyard up`; several need postgresql://…")
        if scheme.partition("+")[0] not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        if _scheme(url, "a Redis or Valkey, as in redis://localhost:6379/0") not in {"redis", "rediss", "unix"}:
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return url


class WrongSettings(RunyardError):
    """Settings that cannot be; each is told with its variable."""

    refusal = Refusal.INVALID
    code = "wrong-settings"


def read_settings(kind: type[S], given: Mapping[str, Any]) -> S:
    """Settings from the environment; what is `given` and not None comes before. `WrongSettings` tells all at once."""
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = [_told(each) for each in error.errors(include_url=False, include_input=False)]
    raise WrongSettings("\n".join(wrong))


def _told(wrong: ErrorDetails) -> str:
    said = wrong["msg"].removeprefix("Value error, ")
    return f"RUNYARD_{str(wrong['loc'][0]).upper()}: {said}" if wrong["loc"] else said


def _scheme(url: str | None, wanted: str) -> str:
    if not url:
        raise ValueError(f"is not set; it must name {wanted}")
    return urlsplit(url).scheme
