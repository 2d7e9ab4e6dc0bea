"""Settings of the HTTP door: to whom it opens, how often, and how it is locked."""

import resource
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from ..application.ports.rates import Rates
from ..domain.rates.rate import Rate
from .http.connections import ConnectionTerms, Networks
from .http.hosts import Hosts, is_host
from .http.terms import Terms
from .tls import Certificate

_BURST_SECONDS: Final = 5.0
_FILES_FOR_OTHER_THINGS: Final = 200
_MOST_CONNECTIONS: Final = 4000


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


File = Annotated[Path | None, BeforeValidator(_none_if_empty)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class DoorSettings(BaseSettings):
    """Each field has its variable: `RUNYARD_` and its name. Lists are separated by commas; a limit of 0 is none."""

    allowed_hosts: Listed = ()
    cors_origins: Listed = ()
    trusted_proxies: Listed = ()
    tls_cert: File = None
    tls_key: File = None
    rate_limits: bool = True
    requests_per_token: float = Field(default=1000.0, ge=0, le=1_000_000)
    requests_per_address: float = Field(default=2000.0, ge=0, le=1_000_000)
    failed_logins_per_minute: float = Field(default=30.0, ge=0, le=1_000_000)
    failed_logins_per_account: float = Field(default=60.0, ge=0, le=1_000_000)
    at_once_per_token: int = Field(default=1000, ge=0)
    at_once_per_address: int = Field(default=1000, ge=0)
    connections: int | None = Field(default=None, ge=1)
    connections_per_address: int | None = Field(default=None, ge=1)
    head_timeout: float = Field(default=10.0, ge=1, le=3600)
    body_timeout: float = Field(default=20.0, ge=1, le=3600)
    stuck_timeout: float = Field(default=60.0, ge=1, le=3600)

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not is_host(host):
                raise ValueError(f"{host} is no name, as in runyard.example.org or *.example.org, and no address")
        return hosts

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}" or "*" in origin:
                raise ValueError(f"{origin} is no origin, as in https://page.example.org")
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(f"{proxy} is no address and no network, as in 10.0.0.7 or 10.0.0.0/24") from None
        return proxies

    @field_validator("connections")
    @classmethod
    def _files(cls, connections: int | None) -> int | None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if connections is not None and connections > files - _FILES_FOR_OTHER_THINGS // 4:
            raise ValueError(f"each is an open file, and this process may have {files} open; raise `ulimit -n` first")
        return connections

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("RUNYARD_TLS_CERT and RUNYARD_TLS_KEY belong together: set both, or none")
        return self

    @property
    def certificate(self) -> Certificate | None:
        """What to show, if connections are to be encrypted here; `WrongCertificate` if it cannot be."""
        if self.tls_cert is None or self.tls_key is None:
            return None
        return Certificate(self.tls_cert, self.tls_key)

    @property
    def proxies(self) -> Networks:
        """Whose word counts about where a request comes from."""
        return tuple(ip_network(proxy) for proxy in self.trusted_proxies)

    def connection_terms(self) -> ConnectionTerms:
        """How many connections there may be: unless told otherwise, as many as this process may have files open."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = self.connections or max(50, min(files - _FILES_FOR_OTHER_THINGS, _MOST_CONNECTIONS))
        return ConnectionTerms(
            most=most,
            most_per_address=self.connections_per_address or max(1, most // 2),
            shared=self.proxies,
            head_seconds=self.head_timeout,
            body_seconds=self.body_timeout,
            stuck_seconds=self.stuck_timeout,
        )

    @property
    def guesses(self) -> Rate | None:
        """How many wrong passwords may come with one name: so many an hour on average, a third of them at once."""
        hourly = self.failed_logins_per_account if self.rate_limits else 0
        return Rate(per_second=hourly / 3600, most=max(1.0, hourly / 3)) if hourly else None

    def terms(self, bound: str, rates: Rates) -> Terms:
        """On what terms requests are let in where the server is bound to this address."""
        failed = self.failed_logins_per_minute if self.rate_limits else 0
        return Terms(
            hosts=Hosts.of(bound, self.allowed_hosts),
            origins=frozenset(self.cors_origins),
            rates=rates,
            per_token=self._rate(self.requests_per_token),
            per_address=self._rate(self.requests_per_address),
            failed_logins=Rate(per_second=failed / 60, most=max(1.0, failed)) if failed else None,
            at_once_per_token=self.at_once_per_token or None,
            at_once_per_address=self.at_once_per_address or None,
        )

    def _rate(self, per_second: float) -> Rate | None:
        if not self.rate_limits or not per_second:
            return None
        return Rate(per_second=per_second, most=max(1.0, per_second * _BURST_SECONDS))
