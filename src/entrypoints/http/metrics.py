"""Numbers for those who draw curves and raise alarms."""

from litestar import Controller, Response, get

from .given import Everything


class MetricsController(Controller):
    """Metrics."""

    tags = ("health",)

    @get(sync_to_thread=True, operation_id="metrics", summary="How does it do, in numbers?", media_type="text/plain")
    def metrics(self, provided: Everything) -> Response[bytes]:
        """What this process has counted, and how queues, jobs, runners and the store stand now, for Prometheus."""
        return Response(provided.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
