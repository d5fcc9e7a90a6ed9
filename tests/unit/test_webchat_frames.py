"""Tests that the widget's types match the frames that the browser gets."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.channels.formatting.shown_event import Links
from bot.channels.web.errors import TooLong, problem
from bot.channels.web.frame_shapes import AnyFrame
from bot.channels.web.frames import frames_of
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Speaker
from tests.rows import each_row

FRAMES: TypeAdapter[Any] = TypeAdapter(AnyFrame)
LINKS = Links(FileLinks(Addresses("s" * 40)))
SOURCE = {"title": "ChileAtiende", "url": "https://www.chileatiende.gob.cl"}
BUTTON = {"id": "b", "title": "B"}
PICTURE = {"kind": "photo", "ref": "file-abc", "name": "a.png", "type": "image/png", "size": 10}
CLOSED = {"ticket": "1", "reason": "complaint", "priority": "high", "team": "atencion", "opened_at": 1}


def event(kind: EventKind, author: Author, id: str = "5-0", **facts: Any) -> Event:
    line = {"id": id, "conversation": "c1", "kind": kind.value, "author": author.value, "text": "hola", "at": 1}
    return Event.from_data(line | {"data": facts})


@each_row(
    ("event", "types"),
    [
        (event(EventKind.MESSAGE, Author.CITIZEN, message_id="m1"), ["event"]),
        (event(EventKind.MESSAGE, Author.ASSISTANT, source=SOURCE, language="en", buttons=[BUTTON]), ["event"]),
        (event(EventKind.MESSAGE, Author.STAFF, name="Ana", attachments=[PICTURE]), ["event"]),
        (event(EventKind.TICKET_CLOSED, Author.SYSTEM, **CLOSED), ["feedback"]),
        (event(EventKind.RATING, Author.CITIZEN, ticket="1", score=5), ["feedback"]),
        (event(EventKind.MESSAGE, Author.CITIZEN, message_id="m1", removed_by="Ana", removed_at=5), ["event"]),
        (event(EventKind.MESSAGE_REMOVED, Author.SYSTEM, of="4-0", by="Ana"), ["removed"]),
        (event(EventKind.PLACE, Author.SYSTEM, id="", place=2, waiting=5), ["place"]),
        (event(EventKind.TYPING, Author.STAFF, id="", name="Ana"), ["typing"]),
        (event(EventKind.READ, Author.STAFF, id="", event_id="5-0"), ["read"]),
    ],
)
def test_every_frame_is_described(event: Event, types: list[str]) -> None:
    frames = [FRAMES.validate_python(frame) for frame in frames_of(event, LINKS)]
    assert [frame.type for frame in frames] == types


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "welcome", "token": "t", "conversation": "c", "speaker": Speaker.ASSISTANT},
        {"type": "speaker", "speaker": Speaker.STAFF, "name": "Ana"},
        {"type": "ack", "id": "m1", "event_id": "5-0", "repeated": False, "speaker": Speaker.WAITING},
        {"type": "error", **problem(TooLong()), "id": "m1"},
        {"type": "pong"},
    ],
)
def test_frames_of_the_socket_alone_are_described(frame: dict[str, Any]) -> None:
    assert FRAMES.validate_python(frame).type == frame["type"]


def test_undescribed_frame_would_be_found() -> None:
    with pytest.raises(ValidationError):
        FRAMES.validate_python({"type": "pong", "surprise": 1})
