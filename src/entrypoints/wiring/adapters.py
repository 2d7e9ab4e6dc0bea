"""The adapters an embedded server stands on."""

from dependency_injector import containers, providers

from ...adapters.dramatiq.broker import InProcessWorker, in_process_broker
from ...adapters.memory.rings import MemoryRings
from ...adapters.prometheus.counters import PrometheusCounters
from ...adapters.sql.store import open_store
from ...adapters.supervised.pipe import local_executor
from ...adapters.system.clock import MonotonicClock
from ...adapters.system.identifiers import UuidIdentifiers
from ..failpoints import Failpoints, WatchedHost
from ..settings import Settings
from .providers import Surroundings


class Adapters(containers.DeclarativeContainer):
    """One of each, for as long as the container lives."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)

    failpoints = providers.Singleton(Failpoints, settings.provided.failpoints)
    counters = providers.Singleton(PrometheusCounters)
    surroundings = providers.Singleton(Surroundings, failpoints, counters)
    store = providers.Singleton(open_store, settings.provided.store_url)
    begin = store.provided.begin
    read = store.provided.read
    rings = providers.Singleton(MemoryRings)
    identifiers = providers.Singleton(UuidIdentifiers)
    clock = providers.Singleton(MonotonicClock)
    broker = providers.Singleton(in_process_broker)
    control_worker = providers.Singleton(InProcessWorker, broker)
    local_host = providers.Singleton(
        local_executor, settings.provided.supervisor_dir, containment=settings.provided.containment
    )
    host = providers.Singleton(WatchedHost, local_host, failpoints)
