"""One way to log for every process: lines for people on a terminal, JSON otherwise. Always on standard error."""

import logging
import sys
from typing import Any

import structlog


def configure_structlog(level: str) -> tuple[list[Any], Any]:
    """Configure our own log alone, as a library within somebody's program may; what it adds and how it renders."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: Any = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        # The default shows the variables of each frame: the environment of jobs, tokens.
        rendered = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    else:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return shared, rendered


def configure_logging(level: str) -> None:
    """Configure structlog and let the standard library's loggers pass through it, as a server may."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared, rendered = configure_structlog(level)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
        )
    )
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler], force=True)
    for chatty in ("alembic", "dramatiq", "httpcore", "httpcore2", "httpx2", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
