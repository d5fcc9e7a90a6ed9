"""Defines the dataclasses that packages exchange, such as a citizen's message, a reply and a handoff.

All are frozen. They are built with ``from_...`` at the boundary (channel payload, Rasa's JSON) and turned into plain
JSON with ``to_dict`` or ``to_data`` for Redis and the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.core.json_fields import JsonFields, SparseFields, known_of

# The beginnings of the payloads of buttons that react to an offer.
CHOOSE_ENTRY, NONE_OF_THESE = "/choose_entry", "/none_of_these"


class Channel(StrEnum):
    """The channel through which a citizen writes."""

    WEB = "web"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


class Speaker(StrEnum):
    """The party whose turn it is to answer in a conversation."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    STAFF = "staff"


class Author(StrEnum):
    """The author of an event."""

    CITIZEN = "citizen"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class HandoffReason(StrEnum):
    """The reason why a conversation is handed off to a person."""

    EMERGENCY = "emergency"
    COMPLAINT = "complaint"
    ASKED_HUMAN = "asked_human"
    LOW_CONFIDENCE = "low_confidence"
    NONE_OF_THESE = "none_of_these"
    EXPIRED_ENTRY = "expired_entry"
    PRIVACY_REQUEST = "privacy_request"
    NEGATIVE_FEEDBACK = "negative_feedback"
    ASSISTANT_ERROR = "assistant_error"
    LANGUAGE = "language"


class Priority(StrEnum):
    """The priority of a ticket in its queue; the smallest rank is served first."""

    EMERGENCY = "emergency"
    HIGH = "high"
    CALLBACK = "callback"
    NORMAL = "normal"

    @property
    def rank(self) -> int:
        return list(Priority).index(self)


class MediaKind(StrEnum):
    """The kind of an attachment."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    CONTACT = "contact"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> MediaKind:
        """Maps a kind from a later release to OTHER."""
        return cls.OTHER


@dataclass(frozen=True)
class Attachment(JsonFields):
    """A file or other media attached to a message."""

    kind: MediaKind
    ref: str = ""  # the provider's handle, encrypted, or ``web:<id>`` of a file kept here; '' if it cannot be fetched
    name: str = ""  # as the sender's device named it
    type: str = ""  # declared media type
    size: int = 0  # in bytes

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attachment:
        return cls(**known_of(cls, data) | {"kind": MediaKind(data["kind"])})


@dataclass(frozen=True)
class Place(JsonFields):
    """A location that the citizen shared, in degrees; ``title`` is the name of the place, '' if there is none."""

    latitude: float
    longitude: float
    title: str = ""


@dataclass(frozen=True)
class RemovalFacts(JsonFields):
    """The facts of a removal: ``of`` is the message's event id, ``by`` the name of the person who removed it."""

    of: str
    by: str


@dataclass(frozen=True)
class CitizenMessage:
    """One message from a citizen, verified and parsed by its channel."""

    conversation: str  # the conversation's HMAC name
    channel: Channel
    id: str  # the message's id in its channel; a repeated delivery has the same id
    text: str
    at: int  # ms since 1970; in the inbox, the time at which it was accepted
    button: str | None = None  # opaque id of the pressed button
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    edits: str = ""  # id of the earlier message that this one corrects
    command: str = ""  # chosen from the channel's menu, such as ``start``
    shared: bool = False  # several people read and write in the conversation: a group
    handed_back: bool = False  # the ticket was closed without an answer to this message, so the assistant answers

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> CitizenMessage:
        return cls(
            conversation=raw["conversation"],
            channel=Channel(raw["channel"]),
            id=raw["id"],
            text=raw["text"],
            at=int(raw["at"]),
            button=raw.get("button"),
            attachments=tuple(Attachment.from_data(one) for one in raw.get("attachments") or ()),
            place=Place.from_data(raw["place"]) if raw.get("place") else None,
            edits=raw.get("edits", ""),
            command=raw.get("command", ""),
            shared=raw.get("shared", False),
            handed_back=raw.get("handed_back", False),
        )


@dataclass(frozen=True)
class Button:
    """A choice offered to the citizen.

    The channel gets ``title`` and ``id``; ``payload`` is for Rasa and stays on the server.
    """

    title: str
    payload: str
    id: str = ""
    # ISO 639 code -> title. With titles, the button is offered only in Spanish and these languages; without, in all.
    titles: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    def to_data(self) -> dict[str, str]:
        return {"title": self.title, "payload": self.payload, "id": self.id}


@dataclass(frozen=True)
class Source(JsonFields):
    """The official page that an answer comes from."""

    title: str
    url: str


@dataclass(frozen=True)
class Candidate(JsonFields):
    """An FAQ entry that might answer a message, with the probability that it does."""

    entry: str
    question: str
    confidence: float


@dataclass(frozen=True)
class Provenance(JsonFields):
    """The evidence for an answer: its entry, version, confidence, responsible person and review date."""

    entry: str
    version: str
    question: str
    confidence: float
    responsible: str = ""
    reviewed: str = ""
    approved_by: str = ""  # name of the agent who approved the answer; '' if no agent did

    def to_data(self) -> dict[str, Any]:
        data = super().to_data()
        return data if self.approved_by else {name: data[name] for name in data if name != "approved_by"}


@dataclass(frozen=True)
class RecognizedDanger(SparseFields):
    """A danger that a citizen described: its ``kind`` is a key of ``emergencias`` in agency.yml.

    ``sure`` is true if an emergency phrase, the danger classifier or the pressed emergency button confirms the danger;
    otherwise it is only possible. ``denied`` is true if the citizen says that there is no emergency.
    """

    kind: str
    sure: bool
    denied: bool = False


@dataclass(frozen=True)
class Reply:
    """A message to the citizen: Markdown text, buttons and, if it is an FAQ answer, its source and provenance."""

    text: str
    buttons: tuple[Button, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    author: Author = Author.ASSISTANT
    # Id of the out-of-scope topic, if the reply refers the citizen to another body; such a reply is no answer.
    referral: str = ""
    after_window: bool = False  # may be sent with WhatsApp's approved template once the 24-hour window is closed
    language: str = ""  # ISO 639; '' for Spanish
    danger: RecognizedDanger | None = None  # the danger for which this reply gives an emergency number
    fold_after: int = 0  # a channel that folds shows this many paragraphs and lists at first; 0: the whole text
    title: str = ""  # the answered question, shown above a long answer
    # ISO 639 -> text, for a notice: a citizen whose language is known and among these gets that text
    translations: Mapping[str, str] = field(default_factory=dict, hash=False)
    rating_id: str = ""  # names this answer when the citizen says whether it helped; '' if they are not asked
    offered: tuple[Candidate, ...] = ()  # the entries offered as the first buttons, in the same order
    quotes: tuple[str, ...] = ()  # ids of entries whose answers the text quotes or refers to, without being one
    notice: str = ""  # id of the public notice that this reply contains
    lapses: bool = False  # nobody asked for this notice, so it is withdrawn from an outbox once the notice has ended
    drill: bool = False  # the notice is a drill, which statistics leave out
    broadcast: str = ""  # name of the broadcast that sends this; the message can be withdrawn until it is sent
    missed: bool = False  # the reply is a fallback
    test_code: str = ""  # code of the test broadcast that a member of staff wants, written with «avísame»
    # "on", "off" or "allowed", if the citizen has just asked for broadcasts, refused notices or allowed them again
    subscription: str = ""
    trial: bool = False  # the code of the team's trials admits the conversation, which figures leave out from now on
    erasure: str = ""  # receipt of the erasure that this reply confirms

    @property
    def away(self) -> tuple[str, ...]:
        """Returns the ids of the buttons below an offer that neither choose an entry nor reject all of them."""
        react = (CHOOSE_ENTRY, NONE_OF_THESE)
        return tuple(one.id for one in self.buttons if self.offered and not one.payload.startswith(react))

    def in_language(self, language: str) -> Reply:
        """Returns the reply as a citizen of this language gets it; unchanged if the reply has no such translation."""
        if not (text := self.translations.get(language)):
            return self
        return replace(self, text=text, language=language, buttons=buttons_in(language, self.buttons))


def buttons_in(language: str, buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Returns the buttons offered to a citizen of this language, with translated titles where there are any."""
    offered = (one for one in buttons if not one.titles or language in one.titles)
    return tuple(replace(one, title=one.titles.get(language, one.title)) for one in offered)


@dataclass(frozen=True)
class Handoff:
    """The assistant's request that a person take over; ``team`` is '' for the default team."""

    reason: HandoffReason
    priority: Priority = Priority.NORMAL
    team: str = ""
    candidates: tuple[Candidate, ...] = ()
