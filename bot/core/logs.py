"""Configures the logger: constant text, facts as fields, ids only; never a citizen's words, name or number."""

from __future__ import annotations

import logging
import sys

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
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_on_standard_error,
    )


def _on_standard_error(*names: str) -> structlog.PrintLogger:
    """Looks up sys.stderr for each line, since a launcher or a test may replace it."""
    return structlog.PrintLogger(sys.stderr)
