"""Tests how much is done to read an event, since a list of conversations reads hundreds of them."""

from __future__ import annotations

import json
import sys
from types import FrameType

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.store.words import Words

CALLS = 90  # a message of a citizen takes 77 calls of functions; with all fields looked up each time it took 124
WORDS = Words("s" * 40)
STORED = {
    "kind": "message",
    "author": "citizen",
    "text": WORDS.seal("c1", "¿cómo renuevo la licencia?"),
    "data": json.dumps({"message_id": "m1"}),
    "at": "1764000000000",
}


def test_reading_a_message_takes_few_calls() -> None:
    assert _read().text == "¿cómo renuevo la licencia?"
    counted = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        _read()
    finally:
        sys.setprofile(before)
    assert counted <= CALLS


def _read() -> Event:
    return event_from("c1", *WORDS.opened_for_people("c1", ("1764000000000-0", STORED)))
