"""The shapes that cross folders: what a citizen sends, what is answered, what is handed off.

Every folder imports from here and this module imports from none of them. All are frozen; they are built with
``from_...`` at the border (channel payload, Rasa's JSON) and turned into plain JSON with ``to_dict`` for Redis and the
browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from bot.core.json_fields import JsonFields, known_of


class Channel(StrEnum):
    """Where the citizen writes."""

    WEB = "web"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


class Speaker(StrEnum):
    """Whose turn it is to answer in a conversation."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    STAFF = "staff"


class Author(StrEnum):
    """Who wrote a message of the transcript."""

    CITIZEN = "citizen"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class HandoffReason(StrEnum):
    """Why a conversation goes to a person."""

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
    """Order in the waiting line; a smaller rank is served first."""

    EMERGENCY = "emergency"
    HIGH = "high"
    CALLBACK = "callback"
    NORMAL = "normal"

    @property
    def rank(self) -> int:
        return list(Priority).index(self)


class MediaKind(StrEnum):
    """What a citizen sent that is not words."""

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
        """A kind of a later release."""
        return cls.OTHER


@dataclass(frozen=True)
class Attachment(JsonFields):
    """A file or the like. ``ref`` is the provider's handle, sealed, with which staff may fetch it; '' when nobody can.

    ``name`` as the citizen's device called it, ``type`` its declared media type, ``size`` in bytes, 0 when untold.
    """

    kind: MediaKind
    ref: str = ""
    name: str = ""
    type: str = ""
    size: int = 0

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attachment:
        return cls(**known_of(cls, data) | {"kind": MediaKind(data["kind"])})


@dataclass(frozen=True)
class Place(JsonFields):
    """A point the citizen shared, in degrees."""

    latitude: float
    longitude: float
    title: str = ""


@dataclass(frozen=True)
class CitizenMessage:
    """One message as its channel delivered it, verified and read.

    ``conversation`` is the HMAC name of the conversation, ``id`` the channel's own id of the message (repeats carry the
    same), ``text`` the citizen's words, ``button`` the opaque id of a clicked button, ``at`` milliseconds since 1970:
    once in the mail, when we accepted it. ``attachments`` and ``place`` come with or without text; ``edits`` is the id
    of an earlier message that this one corrects; ``command`` what a menu of the channel asked for (``start``);
    ``handed_back``: a person closed without answering it, so the assistant does.
    """

    conversation: str
    channel: Channel
    id: str
    text: str
    at: int
    button: str | None = None
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    edits: str = ""
    command: str = ""
    handed_back: bool = False

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
            handed_back=raw.get("handed_back", False),
        )


@dataclass(frozen=True)
class Button:
    """A choice offered to the citizen. ``payload`` is what Rasa is told and never leaves the server; ``id`` travels."""

    title: str
    payload: str
    id: str = ""


@dataclass(frozen=True)
class Source(JsonFields):
    """The official page an answer comes from."""

    title: str
    url: str


@dataclass(frozen=True)
class Candidate(JsonFields):
    """An FAQ entry that might answer a message, with P(it answers it)."""

    entry: str
    question: str
    confidence: float


@dataclass(frozen=True)
class Provenance(JsonFields):
    """The proof of an answer: which entry, which version of it, who is responsible, when it was reviewed, how sure, and
    which person approved it, '' when nobody had to."""

    entry: str
    version: str
    question: str
    confidence: float
    responsible: str = ""
    reviewed: str = ""
    approved_by: str = ""

    def to_data(self) -> dict[str, Any]:
        data = super().to_data()
        return data if self.approved_by else {name: data[name] for name in data if name != "approved_by"}


@dataclass(frozen=True)
class Reply:
    """One message to the citizen: Markdown text, choices, and for an FAQ answer its source and proof.

    ``referral`` is the id of the matter when it says that somebody else sees to it: such a reply is no answer;
    ``after_window``: after WhatsApp's 24 hours it goes out through the agency's approved template, if there is one;
    ``language`` (ISO 639) when it is not Spanish.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    author: Author = Author.ASSISTANT
    referral: str = ""
    after_window: bool = False
    language: str = ""


@dataclass(frozen=True)
class Handoff:
    """A request for a person, as the assistant makes it."""

    reason: HandoffReason
    priority: Priority = Priority.NORMAL
    team: str = ""
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Turn:
    """What the assistant decided in one turn: replies in order, a handoff when a person is needed, and what the citizen
    said of themselves (``known``: dimension -> value)."""

    replies: tuple[Reply, ...] = ()
    handoff: Handoff | None = None
    known: Mapping[str, str] = field(default_factory=dict)
