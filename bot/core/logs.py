"""One logger for every process: constant text, facts as fields, ids only; never a citizen's words, name or number."""

from __future__ import annotations

import logging
import sys

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("ventanilla")


def configure(level: str = "INFO") -> None:
    """Lines as JSON on standard error; called once by each process's entry point."""
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
    """Finds the stream anew for each line, since whoever starts a process or runs a test may replace it."""
    return structlog.PrintLogger(sys.stderr)
