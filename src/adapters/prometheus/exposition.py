"""The text that Prometheus reads: what was counted, and how everything stands at this moment."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ...application.observability.read_gauges import Gauges, ReadGaugesCommand
from ...application.ports.calling import UseCase
from ...domain.errors import RunyardError
from ...domain.jobs.states import FINAL_STATES, JobState
from .counters import PrometheusCounters

Pools = Callable[[], Mapping[str, tuple[int, int]]]
"""How many connections of each pool are in use, and how many it may have."""


class Ringing(Protocol):
    """Rings that count those which failed."""

    @property
    def failures(self) -> int:
        """How many, since the start."""


class PrometheusPage:
    """Answers even when the store does not: then without what the store knows, and `runyard_store_up` is 0."""

    def __init__(
        self,
        counters: PrometheusCounters,
        read_gauges: UseCase[ReadGaugesCommand, Gauges],
        pools: Pools,
        rings: Ringing,
    ) -> None:
        self._counters = counters
        self._read_gauges = read_gauges
        self._pools = pools
        self._rings = rings

    def text(self) -> bytes:
        """Everything, as Prometheus wants it."""
        try:
            gauges = self._read_gauges.execute(ReadGaugesCommand())
        except RunyardError:
            gauges = None
        standing = CollectorRegistry()
        told = "Rings that failed; what they would have said is found a second later."
        failures = CounterMetricFamily("runyard_ring_failures", told, value=self._rings.failures)
        standing.register(_Standing([failures, *_families(gauges), *_pool_families(self._pools())]))
        return generate_latest(self._counters.registry) + generate_latest(standing)


class _Standing:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _families(gauges: Gauges | None) -> Iterator[Metric]:
    yield GaugeMetricFamily("runyard_store_up", "Whether the store answered.", value=0 if gauges is None else 1)
    if gauges is None:
        return
    yield from _queues(gauges)
    states = GaugeMetricFamily("runyard_jobs", "Unfinished jobs; counts stop at 100,000 in all.", labels=["state"])
    for state in (state for state in JobState if state not in FINAL_STATES):
        states.add_metric([state.value], gauges.states.get(state, 0))
    yield states
    yield from _runners(gauges)
    yield GaugeMetricFamily("runyard_log_stored_bytes", "Output that is stored.", value=gauges.stored_output)
    if gauges.oldest_snapshot is not None:
        told = "How long the oldest look at the database has lasted; beyond a minute claims become slow."
        seconds = gauges.oldest_snapshot.total_seconds()
        yield GaugeMetricFamily("runyard_database_oldest_snapshot_seconds", told, value=seconds)


def _queues(gauges: Gauges) -> Iterator[Metric]:
    told = "Jobs that wait to be claimed; of 200 queues at most, each counted up to 100,000."
    depth = GaugeMetricFamily("runyard_queue_jobs", told, labels=["project", "queue"])
    told = "How long the job that became eligible first has waited, of the 1,000 that are next in line."
    oldest = GaugeMetricFamily("runyard_queue_oldest_wait_seconds", told, labels=["project", "queue"])
    for lane in gauges.lanes:
        depth.add_metric([lane.project, lane.queue], lane.waiting)
        oldest.add_metric([lane.project, lane.queue], max(0.0, (gauges.now - lane.oldest).total_seconds()))
    yield from (depth, oldest)


def _runners(gauges: Gauges) -> Iterator[Metric]:
    slots = GaugeMetricFamily("runyard_runner_slots", "How many attempts a runner may run at once.", labels=["runner"])
    used = GaugeMetricFamily("runyard_runner_slots_used", "How many live there.", labels=["runner"])
    driven = GaugeMetricFamily("runyard_runner_driven", "Whether a process drives it.", labels=["runner"])
    opened = GaugeMetricFamily("runyard_runner_open", "Whether it takes new work.", labels=["runner"])
    for runner, busy in ((record.runner, record.busy) for record in gauges.runners):
        slots.add_metric([runner.name], runner.slots)
        used.add_metric([runner.name], busy)
        driven.add_metric([runner.name], int(runner.online(gauges.now)))
        opened.add_metric([runner.name], int(runner.takes_work(gauges.now)))
    yield from (slots, used, driven, opened)


def _pool_families(pools: Mapping[str, tuple[int, int]]) -> Iterator[Metric]:
    used = GaugeMetricFamily("runyard_database_connections_used", "Connections somebody works with.", labels=["pool"])
    most = GaugeMetricFamily("runyard_database_connections_most", "How many there may be.", labels=["pool"])
    for name, (in_use, size) in pools.items():
        used.add_metric([name], in_use)
        most.add_metric([name], size)
    yield from (used, most)
