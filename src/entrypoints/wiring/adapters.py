"""The adapters a server stands on: an embedded one, and those of a production installation."""

from pathlib import Path

from dependency_injector import containers, providers

from ...adapters.argon2.passwords import Argon2Passwords
from ...adapters.cryptography.sealer import EnvelopeSealer
from ...adapters.dramatiq.broker import ControlWorker, in_process_broker, redis_broker
from ...adapters.dramatiq.control_tasks import DramatiqControlTasks, RemoteControlTasks
from ...adapters.memory.rates import MemoryRates
from ...adapters.memory.rings import MemoryRings
from ...adapters.memory.room import MemoryRoom
from ...adapters.prometheus.counters import PrometheusCounters
from ...adapters.redis.rates import RedisRates
from ...adapters.redis.rings import RedisRings
from ...adapters.sql.store import open_store
from ...adapters.supervised.pipe import local_executor
from ...adapters.supervised.ssh.hosts import ParamikoHosts
from ...adapters.system.clock import MonotonicClock
from ...adapters.system.identifiers import UuidIdentifiers
from ...adapters.system.room import FreeSpace
from ...adapters.system.tokens import RandomTokens
from ...application.ports.room import Room
from ..failpoints import Failpoints, WatchedHost
from ..settings import Settings
from .providers import Surroundings
from .secrets import given_keys, own_keys


def _room(settings: Settings) -> Room:
    """Where the data directory is the store, its room counts; a database elsewhere speaks for itself."""
    if settings.database_url is not None:
        return MemoryRoom()
    return FreeSpace(settings.data_dir, least_bytes=settings.min_free_bytes, least_inodes=settings.min_free_inodes)


class StoreAdapters(containers.DeclarativeContainer):
    """What both have: one of each, for as long as the container lives."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)

    failpoints = providers.Singleton(Failpoints, settings.provided.failpoints)
    counters = providers.Singleton(PrometheusCounters)
    surroundings = providers.Singleton(Surroundings, failpoints, counters)
    store = providers.Singleton(open_store, settings.provided.store_url)
    begin = store.provided.begin
    begin_steady = store.provided.begin_steady
    read = store.provided.read
    room = providers.Callable(_room, settings)
    identifiers = providers.Singleton(UuidIdentifiers)
    token_texts = providers.Singleton(RandomTokens)
    passwords = providers.Singleton(Argon2Passwords)
    clock = providers.Singleton(MonotonicClock)
    ssh_hosts = providers.Singleton(ParamikoHosts)
    own_rates = providers.Singleton(MemoryRates, clock)


class Adapters(StoreAdapters):
    """Everything within one process, and the supervisor of its data directory."""

    key_file = providers.Singleton(own_keys, StoreAdapters.settings)
    sealer = providers.Singleton(EnvelopeSealer, key_file)
    rings = providers.Singleton(MemoryRings)
    rates = StoreAdapters.own_rates
    helpful = providers.Dict()
    carrier = providers.Object(DramatiqControlTasks)
    broker = providers.Singleton(in_process_broker)
    control_worker = providers.Singleton(ControlWorker, broker)
    local_host = providers.Singleton(
        local_executor,
        StoreAdapters.settings.provided.supervisor_dir,
        containment=StoreAdapters.settings.provided.containment,
    )
    host = providers.Singleton(WatchedHost, local_host, StoreAdapters.failpoints)


class ProductionAdapters(StoreAdapters):
    """Rings and errands between processes. A worker learns where its supervisor is when it knows its runner."""

    supervisor_dir: providers.Dependency[Path] = providers.Dependency(instance_of=Path)

    key_file = providers.Singleton(given_keys, StoreAdapters.settings)
    sealer = providers.Singleton(EnvelopeSealer, key_file)
    rings = providers.Singleton(RedisRings, StoreAdapters.settings.provided.redis_url)
    rates = providers.Singleton(RedisRates, StoreAdapters.settings.provided.redis_url, StoreAdapters.own_rates)
    helpful = providers.Dict(rings=rings.provided.hears)
    carrier = providers.Object(RemoteControlTasks)
    broker = providers.Singleton(redis_broker, StoreAdapters.settings.provided.redis_url)
    control_worker = providers.Singleton(ControlWorker, broker, threads=1)
    local_host = providers.Singleton(
        local_executor, supervisor_dir, containment=StoreAdapters.settings.provided.containment
    )
    host = providers.Singleton(WatchedHost, local_host, StoreAdapters.failpoints)
