"""Numbers for those who draw curves and raise alarms."""

from litestar import Controller, Response, get
from litestar.types import Scope

from ...application.accounts.requiring import require_of_instance
from ...domain.accounts.permissions import Permission
from .auth import who_asks
from .given import House


class MetricsController(Controller):
    """Metrics."""

    tags = ("health",)

    @get(sync_to_thread=True, operation_id="metrics", summary="How does it do, in numbers?", media_type="text/plain")
    def metrics(self, scope: Scope, house: House) -> Response[bytes]:
        """What this process has counted, and how queues, jobs, runners and the store stand now, for Prometheus."""
        who = who_asks(scope)
        if who is not None or not house.metrics_open:
            require_of_instance((who or house.caller)(), Permission.SEE_METRICS)
        return Response(house.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
