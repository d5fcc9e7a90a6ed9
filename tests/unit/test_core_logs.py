"""Tests that a log line is one JSON object on standard error, at or above the configured level."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot.core.logs import JsonLine, configure, log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_line_is_json_with_its_fields_and_a_utc_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    log.warning("tickets: unreadable ticket skipped", ticket="7", error="ñandú\n«x»")
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    facts = json.loads(line)
    assert out == ""
    assert (facts["event"], facts["level"], facts["ticket"]) == ("tickets: unreadable ticket skipped", "warning", "7")
    assert facts["error"] == "ñandú\n«x»"
    assert facts["timestamp"].endswith("Z")


@pytest.mark.parametrize(("level", "expected"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_lower_levels_are_not_logged(capsys: pytest.CaptureFixture[str], level: str, expected: int) -> None:
    configure(level)
    for say in (log.debug, log.info, log.warning, log.error):
        say("something")
    assert len(capsys.readouterr().err.splitlines()) == expected


def test_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    try:
        raise ValueError("bad")
    except ValueError:
        log.exception("isolation: item failed, skipped")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: bad" in json.loads(line)["exception"]


def test_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        configure("LOUD")


def test_line_of_a_library_with_its_traceback_is_one_json_object() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "failed: %s", ("x",), sys.exc_info())
    (line,) = JsonLine().format(record).splitlines()
    facts = json.loads(line)
    assert (facts["event"], facts["level"], facts["logger"]) == ("failed: x", "error", "uvicorn.error")
    assert "ValueError: two\nlines" in facts["exception"]
