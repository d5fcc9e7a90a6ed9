"""Describes the frames of the chat's socket and stream, for the widget's types (scripts/front_types.py).

They are made in frames.py and socket.py; tests/unit/test_webchat_frames.py compares. What the widget
sends is described in shapes.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.web.shapes import Acknowledged, ChatEvent, Problem
from bot.core.messages import Speaker


class Frame(BaseModel):
    """What all frames have: nothing but what is described."""

    model_config = ConfigDict(extra="forbid")


class Welcome(Frame):
    """The answer to a hello."""

    type: Literal["welcome"]
    token: str
    conversation: str
    speaker: Speaker


class EventFrame(ChatEvent, Frame):
    """Something was said."""

    type: Literal["event"]


class SpeakerFrame(Frame):
    """The turn changed; ``name`` of who attends. The first one also says that the past has been told."""

    type: Literal["speaker"]
    speaker: Speaker
    name: str | None = None


class AckFrame(Acknowledged, Frame):
    """The message with this ``id`` is kept."""

    type: Literal["ack"]
    id: str


class FrameError(Problem, Frame):
    """Something was refused: the message with this ``id``, if there is one."""

    type: Literal["error"]
    id: str | None = None


class PlaceFrame(Frame):
    """The position in the queue, from 1."""

    type: Literal["place"]
    place: int
    waiting: int


class TypingFrame(Frame):
    """A person is writing."""

    type: Literal["typing"]
    name: str


class ReadFrame(Frame):
    """A person has read up to this event."""

    type: Literal["read"]
    event_id: str


class FeedbackFrame(Frame):
    """A ticket may be judged, or was."""

    type: Literal["feedback"]
    ticket: str
    given: bool


class PongFrame(Frame):
    """The answer to a ping."""

    type: Literal["pong"]


AnyFrame = Annotated[
    Welcome
    | EventFrame
    | SpeakerFrame
    | AckFrame
    | FrameError
    | PlaceFrame
    | TypingFrame
    | ReadFrame
    | FeedbackFrame
    | PongFrame,
    Field(discriminator="type"),
]
