"""Tests that input that is not a question gets a helpful reply: no error, no FAQ answer, no silence.

Empty and over-long messages are tested in tests/integration/test_webchat.py, a photo without text in
tests/channels/test_behaviours.py.
"""

from __future__ import annotations

import pytest

from tests.acceptance.people import Citizen

NOT_UNDERSTOOD = {
    "emoji": "😀🙏👍🏽",
    "one sign": "?",
    "control characters": "\x01\x07\x1b[31m\x7f",
    "right to left": "مرحبا، كيف أجدد رخصة القيادة؟",
    "turned around": "\u202e\u2066ñandú\u2069\u202c",
    "Cyrillic": "как продлить водительские права",
    "ideographs": "如何更新驾驶执照",
    "signs that do not show": "\u200b\u200d\ufeff.\u2060",
    "a word of 4,000 letters": "x" * 4000,
    "emoji by the thousand": "🔥" * 2000,
    "markup": "<script>alert(1)</script> {{7*7}} ${x} [a](javascript:b)",
}


@pytest.mark.parametrize("words", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys())
def test_unintelligible_input_gets_a_reply_but_no_answer(citizen: Citizen, words: str) -> None:
    said = citizen.ask(words)
    assert all(event["text"].strip() for event in said)
    assert not any("source" in event or "Tuve un problema" in event["text"] for event in said)
