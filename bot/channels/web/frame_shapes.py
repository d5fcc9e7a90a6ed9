"""Describes the frames that the chat's socket and stream send, for the widget's types (scripts/front_types.py).

frames.py, chats.py and socket.py build the frames; tests/unit/test_webchat_frames.py checks that they match. shapes.py
describes what the widget sends.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.channels.web.shapes import Acknowledged, ChatEvent, Problem
from bot.core.messages import Speaker


class Frame(BaseModel):
    """The base of all frames; unknown fields are an error."""

    model_config = ConfigDict(extra="forbid")


class Welcome(Frame):
    """The answer to a hello."""

    type: Literal["welcome"]
    token: str
    conversation: str
    speaker: Speaker


class EventFrame(ChatEvent, Frame):
    """A message in the conversation, past or new."""

    type: Literal["event"]


class RemovedFrame(Frame):
    """The agency removed an earlier message, ``of`` (its event id); its text must no longer be shown."""

    type: Literal["removed"]
    of: str
    by: str
    at: int


class SpeakerFrame(Frame):
    """The current speaker, with the ``name`` of the attending agent; sent after the past events and at every change."""

    type: Literal["speaker"]
    speaker: Speaker
    name: str | None = None


class AckFrame(Acknowledged, Frame):
    """The message with this ``id`` is stored."""

    type: Literal["ack"]
    id: str


class FrameError(Problem, Frame):
    """A refusal; ``id`` is the id of the refused message, and is missing if the error is not about a message."""

    type: Literal["error"]
    id: str | None = None


class PlaceFrame(Frame):
    """The citizen's position in the queue, from 1, and the number of waiting citizens."""

    type: Literal["place"]
    place: int
    waiting: int


class TypingFrame(Frame):
    """An agent is typing."""

    type: Literal["typing"]
    name: str


class ReadFrame(Frame):
    """The staff have read the conversation up to this event."""

    type: Literal["read"]
    event_id: str


class FeedbackFrame(Frame):
    """A closed ticket can be rated (``given`` is false) or has been rated (``given`` is true)."""

    type: Literal["feedback"]
    ticket: str
    given: bool


class RatedFrame(Frame):
    """The citizen said whether an answer helped; ``answer`` is the answer's ``rating_id``, and ``reason`` may be ''."""

    type: Literal["rated"]
    answer: str
    useful: bool
    reason: str


class PongFrame(Frame):
    """The answer to a ping."""

    type: Literal["pong"]


AnyFrame = Annotated[
    Welcome
    | EventFrame
    | RemovedFrame
    | SpeakerFrame
    | AckFrame
    | FrameError
    | PlaceFrame
    | TypingFrame
    | ReadFrame
    | FeedbackFrame
    | RatedFrame
    | PongFrame,
    Field(discriminator="type"),
]
