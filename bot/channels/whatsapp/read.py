"""Parses Twilio's webhook forms into CitizenMessages and delivery statuses.

A form from Twilio (tests/channels/payloads/whatsapp has one of each kind)::

    MessageSid=SM0f...  From=whatsapp:+56911112222  To=whatsapp:+56225550100  Body=¿Cómo renuevo mi licencia?
    NumMedia=0  ProfileName=Rosa  WaId=56911112222  MessageType=text  AccountSid=AC...  ApiVersion=2010-04-01

Twilio adds and removes fields without notice, so only necessary fields are read. An unknown kind of message gets an
attachment of kind ``other``, so that the message is answered and not lost.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bot.channels.whatsapp.signature import Pairs
from bot.conversation.addresses import Addresses
from bot.core.clock import now_ms
from bot.core.messages import Attachment, Channel, CitizenMessage, MediaKind, Place

WHATSAPP = "whatsapp:"
REF_PREFIX = "whatsapp:"
KEPT = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VOICE, MediaKind.AUDIO, MediaKind.VIDEO})
MAX_DIGITS = 9
MAX_MEDIA = 10
# A signature does not separate names and values: whoever has a signed form could lengthen or shorten its id by what
# follows or ends it, and send the same message again as another one.
SID_CHARACTERS = 34
MAX_TITLE = 120
NOT_IN_NAMES = frozenset("\n?¿/")
OFFICE = "application/vnd.openxmlformats-officedocument"
# Media types that Python's mimetypes may not know.
OFFICE_TYPES = {
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
}


@dataclass(frozen=True)
class Status:
    """The delivery status of a message that we sent; ``state`` is Twilio's, ``code`` its error number or 0."""

    sid: str
    state: str
    code: int = 0


def read_status(pairs: Pairs) -> Status | None:
    """Parses the delivery status of a message that we sent; returns None if the form is not a status."""
    fields = dict(pairs)
    sid, state = fields.get("MessageSid") or fields.get("SmsSid"), fields.get("MessageStatus")
    if not sid or not state:
        return None
    code = fields.get("ErrorCode", "")
    return Status(sid, state.lower(), _number(code))


def read_message(pairs: Pairs, addresses: Addresses) -> tuple[CitizenMessage, str] | None:
    """Parses a message and its sender's address (``whatsapp:+56...``); None if the form is not a WhatsApp message."""
    fields = dict(pairs)
    sid, sender = fields.get("MessageSid") or fields.get("SmsMessageSid"), fields.get("From", "")
    if not sid or len(sid) != SID_CHARACTERS or not sender.startswith(WHATSAPP) or sender == WHATSAPP:
        return None
    button = fields.get("ButtonPayload") or fields.get("ListId") or None
    place, attachments = _place(fields), _attachments(fields, addresses)
    text = _text(fields, button)
    if _is_name_of(attachments, text):
        attachments, text = (replace(attachments[0], name=text),), ""
    if not (text or button or place or attachments):
        attachments = (Attachment(MediaKind.OTHER),)
    message = CitizenMessage(
        conversation=addresses.name(Channel.WHATSAPP, sender),
        channel=Channel.WHATSAPP,
        id=sid,
        text=text,
        at=now_ms(),
        button=button,
        attachments=attachments,
        place=place,
    )
    return message, sender


def _text(fields: dict[str, str], button: str | None) -> str:
    """Returns the citizen's text, or the title of the button or list item that they tapped."""
    if button is not None:
        return fields.get("ButtonText") or fields.get("ListTitle") or fields.get("Body", "")
    return fields.get("Body", "")


def _is_name_of(attachments: tuple[Attachment, ...], text: str) -> bool:
    """Returns whether ``text`` is the file name of the attached document rather than a caption.

    Twilio puts both into the same field, so a file name is recognized by an extension of the document's type:
    «informe.final» and «¿sirve este informe.pdf?» are captions.
    """
    if [one.kind for one in attachments] != [MediaKind.DOCUMENT] or NOT_IN_NAMES & set(text):
        return False
    name = PurePosixPath(text)
    return bool(name.stem) and name.suffix.lower() in _extensions(attachments[0].type)


def _extensions(content_type: str) -> set[str]:
    bare = content_type.partition(";")[0].strip().lower()
    office = {extension for extension, kind in OFFICE_TYPES.items() if kind == bare}
    return office | set(mimetypes.guess_all_extensions(bare))


def _place(fields: dict[str, str]) -> Place | None:
    try:
        latitude, longitude = float(fields["Latitude"]), float(fields["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    title = ", ".join(part for part in (fields.get("Label"), fields.get("Address")) if part)
    return Place(latitude, longitude, title[:MAX_TITLE])


def _attachments(fields: dict[str, str], addresses: Addresses) -> tuple[Attachment, ...]:
    count = fields.get("NumMedia", "0")
    most = min(_number(count), MAX_MEDIA)
    found = []
    for index in range(most):
        url, kind = fields.get(f"MediaUrl{index}"), fields.get(f"MediaContentType{index}", "")
        if url:
            found.append(_attachment(_kind(kind, fields), url, kind, addresses))
    return tuple(found)


def _attachment(kind: MediaKind, url: str, content_type: str, addresses: Addresses) -> Attachment:
    ref = addresses.encrypt(REF_PREFIX + url) if kind in KEPT else ""
    return Attachment(kind, ref, type=content_type)


def _kind(content_type: str, fields: dict[str, str]) -> MediaKind:
    """Maps a media type to a kind; Ogg audio is a voice message, ``image/webp`` a sticker."""
    bare = content_type.partition(";")[0].strip().lower()
    main = bare.partition("/")[0]
    if bare in {"text/vcard", "text/x-vcard", "text/directory"}:
        return MediaKind.CONTACT
    if fields.get("MessageType") == "sticker" or bare == "image/webp":
        return MediaKind.STICKER
    if bare == "audio/ogg":
        return MediaKind.VOICE
    known = {"image": MediaKind.PHOTO, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
    if main in {"application", "text"}:
        return MediaKind.DOCUMENT
    return known.get(main, MediaKind.OTHER)


def _number(digits: str) -> int:
    """Returns the number in a text; 0 if the text is not a number or has more than MAX_DIGITS digits."""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS else 0
