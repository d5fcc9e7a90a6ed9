"""Tests that input that is not a question gets a helpful reply: no error, no FAQ answer, no silence.

Empty and over-long messages are tested in tests/integration/test_webchat.py, a photo without text in
tests/channels/test_behaviours.py.
"""

from __future__ import annotations

from contextlib import ExitStack, closing

from tests.acceptance.people import Citizen
from tests.system import Installation

NOT_UNDERSTOOD = {
    "emoji": "😀🙏👍🏽",
    "one sign": "?",
    "control characters": "\x01\x07\x1b[31m\x7f",
    "right to left": "مرحبا، كيف أجدد رخصة القيادة؟",
    "Hebrew": "שלום, איך מחדשים רישיון",
    "turned around": "\u202e\u2066ñandú\u2069\u202c",
    "Cyrillic": "как продлить водительские права",
    "ideographs": "如何更新驾驶执照",
    "signs that do not show": "\u200b\u200d\ufeff.\u2060",
    "a word of 4,000 letters": "x" * 4000,
    "a word 400 times": "licencia " * 400,
    "emoji by the thousand": "🔥" * 2000,
    "digits": "1234567890",
    "accents one above the other": "z" + "\u0301" * 5,
    "an encoded control character": "%00\x07",
    "markup": "<script>alert(1)</script> {{7*7}} ${x} [a](javascript:b)",
}


def test_unintelligible_input_gets_a_reply_but_no_answer(installation: Installation) -> None:
    with ExitStack() as stack:
        citizens = {name: stack.enter_context(closing(Citizen(installation.url))) for name in NOT_UNDERSTOOD}
        sent = {name: citizen.send(NOT_UNDERSTOOD[name]) for name, citizen in citizens.items()}  # all at the same time
        said = {name: citizen.wait_reply(sent[name]) for name, citizen in citizens.items()}
    silent = {name for name, events in said.items() if not all(one["text"].strip() for one in events)}
    failed = {name for name, events in said.items() if any("problema" in one["text"] for one in events)}
    answered = {name for name, events in said.items() if any("source" in one for one in events)}
    assert (silent, failed, answered) == (set(), set(), set())
