"""Prepares a public notice for pages: its banner, with the phone numbers that can be called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.agency.model import Agency
from bot.channels.formatting.phone_numbers import phone_numbers
from bot.core.json_fields import JsonFields
from bot.public_notices.notice import PublicNotice
from bot.public_notices.words import Banner, banner


@dataclass(frozen=True)
class Part(JsonFields):
    """A piece of a notice's text; ``call`` is the number to dial if the piece is a phone number, else ''."""

    text: str
    call: str = ""


@dataclass(frozen=True)
class ShownNotice(Banner):
    """A banner with the pieces of its text."""

    parts: tuple[Part, ...]


def shown_notice(notice: PublicNotice, agency: Agency) -> ShownNotice:
    return ShownNotice(**banner(notice, agency).to_data(), parts=tuple(_parts(notice.text)))


def _parts(text: str) -> Iterator[Part]:
    done = 0
    for number in phone_numbers(text):
        if number.start > done:
            yield Part(text[done : number.start])
        yield Part(text[number.start : number.end], number.dialled)
        done = number.end
    if done < len(text):
        yield Part(text[done:])
