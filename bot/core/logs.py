"""Configures the logger. A log line has a constant text, details as JSON fields, and ids instead of personal data."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("ventanilla")


class JsonLine(logging.Formatter):
    """A formatter that writes the log records of libraries, such as uvicorn, as one line of JSON each.

    ``clean`` masks personal data in tracebacks, which may quote citizens' messages.
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        super().__init__()
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
        traced = {"exception": self._clean(self.formatException(record.exc_info))} if record.exc_info else {}
        return json.dumps(line | {"timestamp": at} | traced, ensure_ascii=False)


def configure(level: str = "INFO", clean: Callable[[str], str] = str) -> None:
    """Configures logging as JSON lines on standard error; each process's entry point calls this once.

    ``clean`` is as in JsonLine.
    """

    def cleaned(_: Any, __: str, facts: structlog.types.EventDict) -> structlog.types.EventDict:
        return {**facts, "exception": clean(facts["exception"])} if "exception" in facts else facts

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            cleaned,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=_never_raising(structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level])),
        logger_factory=_on_standard_error,
    )
    logging.raiseExceptions = False


def _never_raising(bound_logger: type[Any]) -> type[Any]:
    """Returns a subclass of ``bound_logger`` that drops lines it cannot write instead of raising.

    Callers are often handling another error.
    """

    class NeverRaising(bound_logger):  # type: ignore[misc]
        def _proxy_to_logger(self, *args: Any, **facts: Any) -> Any:
            try:
                return super()._proxy_to_logger(*args, **facts)
            except Exception:  # such as a full disk, or a fact that cannot be rendered
                return None

    return NeverRaising


def _on_standard_error(*names: str) -> structlog.WriteLogger:
    """Returns a logger that writes to the current sys.stderr, which a launcher or test may have replaced."""
    return structlog.WriteLogger(sys.stderr)
