"""The use cases that watch over everything, and the page they end on."""

from dependency_injector import containers, providers

from ...adapters.prometheus.exposition import PrometheusPage
from ...application.observability.read_gauges import ReadGauges
from .providers import use_case


class ObservabilityUseCases(containers.DeclarativeContainer):
    """Each use case once."""

    adapters = providers.DependenciesContainer()

    read_gauges = use_case(ReadGauges, adapters.surroundings, read=adapters.read)
    metrics_page = providers.Singleton(
        PrometheusPage,
        counters=adapters.counters,
        read_gauges=read_gauges,
        pools=adapters.store.provided.pools,
        rings=adapters.rings,
    )
