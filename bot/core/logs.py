"""Configures the logger: constant text, facts as fields, ids only; never a citizen's words, name or number."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("ventanilla")


def configure(level: str = "INFO") -> None:
    """Configures logging as JSON lines on standard error; each process's entry point does it once."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=_never_raising(structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level])),
        logger_factory=_on_standard_error,
    )
    logging.raiseExceptions = False


def _never_raising(bound_logger: type[Any]) -> type[Any]:
    """Returns a logger class that drops a line that fails: the caller is often handling an error already."""

    class NeverRaising(bound_logger):  # type: ignore[misc]
        def _proxy_to_logger(self, *args: Any, **facts: Any) -> Any:
            try:
                return super()._proxy_to_logger(*args, **facts)
            except Exception:  # the disk is full, a fact cannot be rendered
                return None

    return NeverRaising


def _on_standard_error(*names: str) -> structlog.WriteLogger:
    """Looks up sys.stderr for each line, since a launcher or a test may replace it."""
    return structlog.WriteLogger(sys.stderr)
