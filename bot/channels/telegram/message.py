"""Describes what is sent through Telegram's Bot API: texts with their buttons, and files."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from telegram import InlineKeyboardButton

from bot.channels.outgoing.channel import Choice


@dataclass(frozen=True)
class Text:
    """A message to a chat: Telegram's HTML, a plain-text fallback, and the choices below the message."""

    html: str
    plain: str
    choices: tuple[Choice, ...] = ()

    @property
    def has_links(self) -> bool:
        return any(one.url for one in self.choices)

    def with_links_written(self) -> Text:
        """Returns the message with its links in the text instead of buttons."""
        links = "".join(f"\n\n{one.title}: {one.url}" for one in self.choices if one.url)
        choices = tuple(one for one in self.choices if not one.url)
        return Text(self.html + escape(links), self.plain + links, choices)


@dataclass(frozen=True)
class Upload:
    """A file for a chat, sent as a photo if ``picture``, else as a document."""

    name: str
    content: bytes
    picture: bool


def chat_of(address: str) -> int:
    """Returns the chat of an address, which may name a topic of a supergroup: ``-100123:42``."""
    return int(address.partition(":")[0])


def topic_of(address: str) -> int | None:
    """Returns the topic of an address, None if it names none."""
    topic = address.partition(":")[2]
    return int(topic) if topic else None


def button_of(choice: Choice) -> InlineKeyboardButton:
    if choice.url:
        return InlineKeyboardButton(choice.title, url=choice.url)
    return InlineKeyboardButton(choice.title, callback_data=choice.id)
