"""What the widget's types say of frames is what the browser is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.channels.web.errors import TooLong, problem
from bot.channels.web.frame_shapes import AnyFrame
from bot.channels.web.frames import told_of
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.ratings import RATING
from bot.core.messages import Author, Event, Speaker
from bot.tickets.positions import PLACE, QueuePosition

FRAMES: TypeAdapter[Any] = TypeAdapter(AnyFrame)
LINKS = FileLinks(Addresses("s" * 40))
SOURCE = {"title": "ChileAtiende", "url": "https://www.chileatiende.gob.cl"}
BUTTON = {"id": "b", "title": "B"}
PICTURE = {"kind": "photo", "ref": "file-abc", "name": "a.png", "type": "image/png", "size": 10}


def event(kind: str, author: Author, id: str = "5-0", **data: Any) -> Event:
    return Event(id, "c1", kind, author, "hola", data, at=1)


@pytest.mark.parametrize(
    ("told", "types"),
    [
        (event("message", Author.CITIZEN, message_id="m1"), ["event"]),
        (
            event("message", Author.ASSISTANT, source=SOURCE, language="en", buttons=[BUTTON]),
            ["event"],
        ),
        (event("message", Author.STAFF, name="Ana", attachments=[PICTURE]), ["event"]),
        (event("ticket_claimed", Author.SYSTEM, owner_name="Ana"), ["speaker"]),
        (event("ticket_closed", Author.SYSTEM, ticket="1"), ["feedback", "speaker"]),
        (event(RATING, Author.CITIZEN, ticket="1", score=5), ["feedback"]),
        (event(PLACE, Author.SYSTEM, id="", **QueuePosition(2, 5).to_dict()), ["place"]),
        (event("typing", Author.STAFF, id="", name="Ana"), ["typing"]),
        (event("read", Author.STAFF, id="", event_id="5-0"), ["read"]),
    ],
)
def test_every_frame_is_described(told: Event, types: list[str]) -> None:
    frames = [FRAMES.validate_python(frame) for frame in told_of(told, LINKS)]
    assert [frame.type for frame in frames] == types


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "welcome", "token": "t", "conversation": "c", "speaker": Speaker.ASSISTANT},
        {"type": "ack", "id": "m1", "event_id": "5-0", "repeated": False, "speaker": Speaker.WAITING},
        {"type": "error", **problem(TooLong()), "id": "m1"},
        {"type": "pong"},
    ],
)
def test_so_are_those_of_the_socket_alone(frame: dict[str, Any]) -> None:
    assert FRAMES.validate_python(frame).type == frame["type"]


def test_what_is_not_described_would_be_noticed() -> None:
    with pytest.raises(ValidationError):
        FRAMES.validate_python({"type": "pong", "surprise": 1})
