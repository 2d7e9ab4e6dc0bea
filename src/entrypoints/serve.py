"""`runyard serve`: HTTP alone. Any number of them, on PostgreSQL and Redis."""

import json as json_text
import os
from pathlib import Path
from typing import Any

from ..domain.errors import RunyardError
from .complaining import complained
from .http.app import create_app
from .logging import configure_logging
from .production import check_surroundings, running, shared_data_dir
from .serving import GracefulServer, Manners, bound
from .settings import ProductionSettings, read_settings
from .wiring.http import opened_by
from .wiring.production import ServeContainer


def main(
    *,
    data_dir: Path | None,
    host: str | None,
    port: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    json: bool,
) -> int:
    """Serve until a signal says stop; the exit code: 0, or 1, 2, 5 with a sentence on standard error."""
    try:
        given: dict[str, Any] = {"data_dir": data_dir, "listen_host": host, "listen_port": port}
        given |= {"tls_cert": tls_cert, "tls_key": tls_key}
        settings = read_settings(ProductionSettings, given)
        configure_logging(settings.log_level)
        with shared_data_dir(settings) as directory:
            token = directory.known_token()
            container = ServeContainer(settings=settings)
            check_surroundings(container)
            _serve(container, token, json=json)
    except RunyardError as refusal:
        return complained(refusal)
    return 0


def _serve(container: ServeContainer, token: str, *, json: bool) -> None:
    settings: ProductionSettings = container.settings()
    manners = Manners.of(settings, drain=settings.drain)
    with bound(settings.listen_host, [settings.listen_port]) as listening:
        host, port = listening.getsockname()[:2]
        url = f"{manners.scheme}://{f'[{host}]' if ':' in host else host}:{port}"

        def started() -> None:
            told = json_text.dumps({"url": url, "pid": os.getpid()}) if json else f"Runyard serves at {url}"
            print(told, flush=True)  # noqa: T201 - the one line that says where

        app = create_app(opened_by(container.http, token))
        server = GracefulServer(app, container.http.shutdown(), started, manners)
        server.heed_signals()
        with running(container.parts(), container.adapters.store()):
            server.serve_on(listening)
