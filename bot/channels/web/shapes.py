"""Defines the models of the web chat's API, which validate requests and are documented in OpenAPI.

The HTTP API and the WebSocket share them, so that both accept the same input.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.conversation.change import AnswerRating
from bot.conversation.ratings import Ratings
from bot.core.messages import Speaker
from bot.turns.buttons import LOCATE_ID

MAX_TEXT_CHARACTERS = 4000
MAX_RATING_CHARACTERS = 500
MAX_BODY_BYTES = 65_536
MESSAGE_ID = r"^[A-Za-z0-9_-]{8,64}$"
EVENT_ID = r"^[0-9]{1,16}(-[0-9]{1,16})?$"
EVENT_ID_EXAMPLE = "1764000000000-0"
ERROR_CODES = (
    "unknown_token",
    "bad_origin",
    "too_long",
    "too_many",
    "too_many_chats",
    "too_many_pages",
    "out_of_order",
    "invalid",
    "file_too_big",
    "file_kind",
    "file_infected",
    "file_heic",
    "file_pixels",
    "file_no_room",
    "too_many_files",
    "no_room",
    "hello_first",
    "unavailable",
)

Token = Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
EventId = Annotated[str, Field(pattern=EVENT_ID, description="Event id: only later events are sent; «0» sends all.")]


class SharedPlace(BaseModel):
    """The citizen's position in degrees, as the browser gives it with the citizen's permission."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Incoming(BaseModel):
    """The citizen's message: `text`, or the id of the clicked `button`. Sending the same `id` again is safe.

    A client that sends a message before the previous message is acknowledged puts the previous message's id in
    `follows`. Until the previous message has arrived, the new message is refused with `out_of_order`. So the order is
    kept across repeats and reconnections.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": "9f1c2c1e-6a1f-4a7e-9b1d-0d6c1b2a3f4e", "text": "¿cómo renuevo mi licencia?"}
        }
    )

    id: str = Field(pattern=MESSAGE_ID, description="Created by the client; unique in the conversation.")
    text: str = Field(default="", max_length=MAX_TEXT_CHARACTERS, description="What the citizen wrote, as plain text.")
    button: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The `id` of the button that the citizen pressed."
    )
    place: SharedPlace | None = Field(
        default=None, description="The citizen's position; only with the `button` whose id is `ubicacion`."
    )
    follows: str | None = Field(
        default=None,
        pattern=MESSAGE_ID,
        description="The `id` of the previous message, while that one is neither acknowledged nor refused for good.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Incoming:
        self.text = self.text.replace("\x00", "").strip()
        if bool(self.text) == (self.button is not None):
            raise ValueError("send either text or button")
        if self.place and self.button != LOCATE_ID:
            raise ValueError("send a place with the button that asks for it")
        if self.follows == self.id:
            raise ValueError("a message follows another one")
        return self


class Signal(BaseModel):
    """A signal from the citizen's page: the citizen is typing, or has read up to `event_id`."""

    type: Literal["typing", "read"]
    event_id: EventId = "0"


class RatingIn(BaseModel):
    """The citizen's rating of a support session; `ticket` comes from the stream's `feedback` event."""

    ticket: str = Field(pattern=r"^[0-9]{1,18}$")
    score: int = Field(ge=1, le=5, description="From 1 (very bad) to 5 (very good).")
    words: str = Field(default="", max_length=MAX_RATING_CHARACTERS)

    async def give(self, ratings: Ratings, conversation: str) -> bool:
        return await ratings.give(conversation, self.ticket, self.score, self.words)


class AnswerRatingIn(BaseModel):
    """The citizen's rating of an answer; `answer` is the event's `rating_id`. The newest rating of an answer counts."""

    answer: str = Field(pattern=r"^[A-Za-z0-9_-]{8}$")
    useful: bool
    reason: Literal["", "other", "missing", "unclear", "wrong"] = Field(default="", description="Why it did not help.")

    async def give(self, ratings: Ratings, conversation: str) -> bool:
        reason = "" if self.useful else self.reason
        return await ratings.rate_answer(conversation, AnswerRating(self.answer, self.useful, reason))


class Hello(BaseModel):
    """The first message on the socket; without `token` a new conversation is opened."""

    type: Literal["hello"]
    token: Token | None = None
    after: EventId = "0"


class ExampleButton(BaseModel):
    id: str
    title: str


class SourcePage(BaseModel):
    title: str
    url: str


class AnswerReasons(BaseModel):
    """The reasons for an answer: its published question, the date of its last review, and how sure the assistant was.

    `approved` is true if a person of the agency approved the answer for this conversation.
    """

    question: str
    reviewed: str = Field(description="ISO date, or empty.")
    sureness: Literal["very", "fairly", "little"]
    approved: bool


class SentFile(BaseModel):
    """A file of the message; `url` is a path of this server, valid for a day and renewed with every response.

    For a picture, `url` with `?mini` is its thumbnail.
    """

    name: str
    url: str
    type: str = Field(examples=["application/pdf"])
    size: str = Field(description="The size as the page shows it, such as «120 KB».")


class ChatEvent(BaseModel):
    """One message as a page shows it; `html` is safe to insert, `at` is in milliseconds since 1970."""

    id: str = Field(examples=[EVENT_ID_EXAMPLE])
    at: int
    author: Literal["citizen", "assistant", "staff", "system"]
    kind: Literal["message"]
    html: str
    text: str = Field(description="The message's text: Markdown from the assistant, else plain text.")
    buttons: list[ExampleButton]
    source: SourcePage | None = Field(default=None, description="The official page that the answer comes from.")
    files: list[SentFile] | None = Field(default=None, description="Files that the citizen or an agent attached.")
    message_id: str | None = Field(default=None, description="The client's `id`; only on the citizen's messages.")
    name: str | None = Field(default=None, description="The agent's name; only on messages from staff.")
    language: str | None = Field(default=None, description="ISO 639 code, unless the text is Spanish.")
    entry: str | None = Field(default=None, description="Id of the FAQ entry that answers; its page is /tramites/<id>.")
    why: AnswerReasons | None = Field(default=None, description="Why this answer was given; only with `entry`.")
    fold_after: int | None = Field(
        default=None, description="How many elements of `html` a page may show at first, with a button for the rest."
    )
    title: str | None = Field(default=None, description="The answered question, to be shown above a long answer.")
    map: str | None = Field(default=None, description="A map with the position that the citizen shared.")
    rating_id: str | None = Field(
        default=None, description="Names the answer in `/feedback`; present if the citizen may say whether it helped."
    )
    calls: list[str] | None = Field(
        default=None, description="Emergency numbers to call now; empty if the citizen denied it."
    )
    removed_by: str | None = Field(default=None, description="Who removed the message, by name; `text` is then empty.")
    removed_at: int | None = None


class Opened(BaseModel):
    """A new conversation; only `token` gives access to it, so keep it."""

    token: str = Field(examples=["h3Jx0mXy8cVq1n2ZsTtJ4o5pLkQw7rUvAeBdCfGhIjK"])
    conversation: str


class Acknowledged(BaseModel):
    """The message is stored and will be answered by `speaker`."""

    event_id: str = Field(examples=[EVENT_ID_EXAMPLE])
    repeated: bool = Field(description="Whether a message with this `id` had already been accepted.")
    speaker: Speaker


class Feed(BaseModel):
    """The messages after the given id, oldest first, and the party that answers now (`speaker`)."""

    events: list[ChatEvent]
    speaker: Speaker


class Problem(BaseModel):
    """An error: `code` for programs, `text` in Spanish for people."""

    code: Literal[ERROR_CODES]  # type: ignore[valid-type]
    text: str


class FileRules(BaseModel):
    """The files that a citizen may send: their extensions, as in a file input's `accept`, and the maximum size."""

    accept: str = Field(examples=[".pdf,.jpg"])
    max_bytes: int


class Configuration(BaseModel):
    """The configuration of the widget."""

    agency: str
    short_name: str
    assistant: str
    color: str = Field(examples=["#1f5f4f"])
    timezone: str
    language: str = Field(description="Language of the labels, es or en; messages are always in Spanish.")
    privacy_url: str
    idle_minutes: int = Field(description="A browser forgets its conversation after so many minutes without use.")
    max_characters: int
    files: FileRules
    examples: list[str]
    labels: dict[str, str]
