"""Logs: one line of JSON each on stderr, control characters encoded, never a body, a header or a parameter."""

import logging
import sys
from typing import Any

import structlog


def configure(*, level: int = logging.INFO) -> None:
    """Send our log and the libraries' warnings to stderr as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """Give a logger whose lines carry the name of the module."""
    return structlog.get_logger(module=name)
