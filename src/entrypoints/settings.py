"""Settings of the server, from flags and `RUNYARD_…` variables; wrong ones are named at start."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .discovery import state_directory
from .failpoints import parse_failpoints


class Settings(BaseSettings):
    """What an embedded server needs to know. Each field has its variable: `RUNYARD_` and its name."""

    model_config = SettingsConfigDict(env_prefix="RUNYARD_", extra="ignore", validate_default=True)

    data_dir: Path = Field(default_factory=state_directory)
    database_url: str | None = Field(default=None, repr=False)
    slots: int | None = Field(default=None, ge=1, le=10_000)
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    containment: Literal["cgroup2", "freezer", "subreaper", "group"] | None = None
    failpoints: str = ""
    metrics_open: bool = False

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("failpoints")
    @classmethod
    def _parsable(cls, text: str) -> str:
        parse_failpoints(text)
        return text

    @property
    def store_url(self) -> str:
        """Where the store is: the given database, or a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'runyard.db'}"

    @property
    def supervisor_dir(self) -> Path:
        """Where the supervisor of the local runner lives."""
        return self.data_dir / "supervisor"
