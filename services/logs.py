"""Logs: one line of JSON each on stderr, control characters encoded, never a body, a header or a parameter."""

import contextlib
import logging
import sys
from typing import Any

import structlog


class _Stderr:
    """The stderr of the moment. It may be a pipe that nobody reads or lie on a full disk, which ends no job."""

    def msg(self, line: str) -> None:
        """Write a line, if that can be done."""
        with contextlib.suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201 (the one place that writes the log)

    debug = info = warning = error = critical = msg


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
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """Give a logger whose lines carry the name of the module."""
    return structlog.get_logger(module=name)
