"""Parses Telegram's updates.

A message from Telegram (https://core.telegram.org/bots/api#update):

    {"update_id": 10000, "message": {"message_id": 1365, "date": 1441645532, "text": "hola",
     "from": {"id": 1111111, "is_bot": false, "first_name": "Ana"},
     "chat": {"id": 1111111, "type": "private", "first_name": "Ana"}}}

Ignores the names of people, phone numbers of contacts and everything else that an answer does not need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, MaybeInaccessibleMessage, Message, MessageEntity, Update, User
from telegram.constants import ChatType
from telegram.ext import filters

from bot.core.messages import Attachment, MediaKind, Place
from bot.core.texts import area

COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
GONE = frozenset({"kicked", "left"})
MENTIONS: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
KINDS = {
    "photo": MediaKind.PHOTO,
    "document": MediaKind.DOCUMENT,
    "animation": MediaKind.VIDEO,
    "voice": MediaKind.VOICE,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "sticker": MediaKind.STICKER,
    "contact": MediaKind.CONTACT,
}
KEPT = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VOICE, MediaKind.AUDIO, MediaKind.VIDEO})


@dataclass(frozen=True)
class Incoming:
    """The content of an update; ``chat`` is the id of the chat that replies go to.

    ``topic`` is the id of its topic ('' outside topics) in a supergroup with topics, where replies go to.
    ``query`` is the id of the callback query to acknowledge, '' if there is none. ``left`` is set only for a membership
    update, which has no message: True if the bot was blocked or removed, False if it was unblocked or added. ``edits``
    is the id of the message that this message edits, ``command`` is "start"; either is '' for other messages. The
    ``ref`` of an attachment is Telegram's file id, not yet encrypted. ``group`` is true for a chat of several people.
    """

    chat: str
    topic: str = ""
    id: str = ""
    text: str = ""
    button: str | None = None
    query: str = ""
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    edits: str = ""
    command: str = ""
    left: bool | None = None
    group: bool = False

    @property
    def address(self) -> str:
        """Returns where replies go to; the name of the conversation does not depend on the topic."""
        return f"{self.chat}:{self.topic}" if self.topic else self.chat


def read_update(raw: dict[str, Any]) -> Update:
    """Parses an update with the SDK; raises ValueError or any other error if it cannot be parsed."""
    update = Update.de_json(raw)
    if update is None:
        raise ValueError("no update")
    return update


def incoming(update: Update, me: User | None) -> Incoming | None:
    """Extracts the content of an update; None if the bot ignores it, such as a service message.

    ``me`` is the bot's account; in groups the bot ignores messages that are not addressed to it.
    """
    if update.callback_query:
        return _pressed(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None or filters.StatusUpdate.ALL.check_update(update):
        return None
    if message.from_user is None or message.from_user.is_bot:
        return None
    edited = update.edited_message is not None
    if edited and message.location:
        return None  # an update of a live location
    if message.chat.type in GROUPS and not (me and _is_addressed(message, me)):
        return None
    return _said(message, me, edited=edited)


def rescued(raw: Any) -> Incoming | None:
    """Extracts a person's private message from an update that the SDK cannot parse, since its content may be newer.

    A message without text gets an attachment of kind ``other``. Returns None for any other update.
    """
    message = raw.get("message") if isinstance(raw, dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("message_id"), int):
        return None
    chat, sender = message.get("chat"), message.get("from")
    if not isinstance(chat, dict) or chat.get("type") != ChatType.PRIVATE or not isinstance(chat.get("id"), int):
        return None
    if not isinstance(sender, dict) or sender.get("is_bot") is not False:
        return None
    text = message.get("text") or message.get("caption")
    words = {"text": text} if isinstance(text, str) else {"attachments": (Attachment(MediaKind.OTHER),)}
    return Incoming(chat=str(chat["id"]), id=str(message["message_id"]), **words)


def needs_me(update: Update) -> bool:
    """Returns whether ``incoming()`` must know the bot's own account (``getMe``) to parse this update."""
    message = update.message or update.edited_message
    return message is not None and message.chat.type in GROUPS


def _pressed(query: CallbackQuery) -> Incoming | None:
    if query.message is None:
        return None
    chat, group = query.message.chat, query.message.chat.type in GROUPS
    return Incoming(
        chat=str(chat.id),
        topic=_topic(query.message),
        id=f"cb:{query.id}",
        button=query.data or "",
        query=query.id,
        group=group,
    )


def _membership(change: ChatMemberUpdated) -> Incoming:
    return Incoming(chat=str(change.chat.id), left=change.new_chat_member.status in GONE)


def _topic(message: MaybeInaccessibleMessage) -> str:
    if isinstance(message, Message) and message.is_topic_message:
        return str(message.message_thread_id)
    return ""


def _said(message: Message, me: User | None, *, edited: bool) -> Incoming:
    text = message.text or message.caption or ""
    command, text = _command(_without_mention(text, me))
    return Incoming(
        chat=str(message.chat.id),
        topic=_topic(message),
        id=f"{message.message_id}:{int(message.edit_date.timestamp())}"
        if edited and message.edit_date
        else str(message.message_id),
        text=text,
        attachments=_attachments(message),
        place=_place(message),
        edits=str(message.message_id) if edited else "",
        command=command,
        group=message.chat.type in GROUPS,
    )


def _command(text: str) -> tuple[str, str]:
    """Splits a message into its command, "start" or '', and its text.

    The text of a menu command is the sentence that a person would write instead. The text of an unknown command is what
    follows the command, or else the command's name.
    """
    found = COMMAND.fullmatch(text.strip())
    if found is None:
        return "", text
    texts = area("telegram")
    name, words = found[1].lower(), texts["ordenes"]
    if name == "start":
        return "start", str(texts["menu"]["start"])
    if name in words:
        return "", str(words[name])
    return "", found[3] or found[1]


def _attachments(message: Message) -> tuple[Attachment, ...]:
    for name, kind in KINDS.items():
        found = getattr(message, name)
        if not found:
            continue
        file = found[-1] if name == "photo" else found
        return (
            Attachment(
                kind=kind,
                ref=file.file_id if kind in KEPT else "",
                name=str(getattr(file, "file_name", None) or ""),
                type=str(getattr(file, "mime_type", None) or ("image/jpeg" if name == "photo" else "")),
                size=int(getattr(file, "file_size", None) or 0),
            ),
        )
    known = message.text or message.caption or message.location or message.venue
    return () if known else (Attachment(MediaKind.OTHER),)


def _place(message: Message) -> Place | None:
    if message.venue:
        spot = message.venue.location
        return Place(spot.latitude, spot.longitude, f"{message.venue.title}, {message.venue.address}")
    if message.location:
        return Place(message.location.latitude, message.location.longitude)
    return None


def _is_addressed(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == me.id:
        return True
    found = COMMAND.match(message.text or "")
    if found and found[2]:
        return found[2].lower() == (me.username or "").lower()
    mentions = message.parse_entities(MENTIONS) | message.parse_caption_entities(MENTIONS)
    return any(
        (entity.user is not None and entity.user.id == me.id) or words.lower() == f"@{me.username}".lower()
        for entity, words in mentions.items()
    )


def _without_mention(text: str, me: User | None) -> str:
    if me is None or not me.username:
        return text
    return re.sub(rf"(?<!/)(?<!\w)@{re.escape(me.username)}\b[,:]?\s*", "", text, flags=re.IGNORECASE).strip()
