"""Tests that each Twilio error number leads to the right next step, with a text for staff."""

from __future__ import annotations

import pytest

from bot.channels.whatsapp.errors import FAILURES, failure
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.texts import area, say


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (63016, "window_closed"),
        (21617, "too_long"),
        (21211, "not_on_whatsapp"),
        (21610, "opted_out"),
        (63021, "template"),
        (99999, "refused"),
    ],
)
def test_permanent_error_is_refused(code: int, reason: str) -> None:
    error = failure(code).error(code)
    assert isinstance(error, SendRefused)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("code", "status", "seconds", "everyone"),
    [
        (63018, 429, 5.0, True),
        (14107, 400, 30.0, False),
        (20003, 401, 300.0, True),
        (0, 429, 5.0, True),
        (0, 503, 0.0, False),
        (0, 401, 300.0, True),
    ],
)
def test_transient_error_is_retried_later(code: int, status: int, seconds: float, everyone: bool) -> None:
    error = failure(code, status).error(code)
    assert isinstance(error, SendLater)
    assert (error.retry_after_s, error.everyone) == (seconds, everyone)


def test_requested_delay_is_respected() -> None:
    error = failure(20429, 429).error(20429, retry_after_s=42.0)
    assert isinstance(error, SendLater)
    assert error.retry_after_s == 42.0


def test_every_reason_has_a_text() -> None:
    reasons = {one.reason for one in FAILURES.values()} | {"refused"}
    assert {reason for reason in reasons if not say(f"canales.fallos.{reason}")} == set()
    assert set(area("canales")["pasos_persona"]) <= reasons
