"""Parses fields that the forms of several pages have."""

from __future__ import annotations

from datetime import date

from starlette.datastructures import FormData

from bot.conversation.readable import readable

MAX_DIGITS = 15
MAX_SHORT_CHARACTERS = 64


def number(form: FormData, name: str) -> int:
    """Returns a field as a number; 0 if it is not a number or has more than MAX_DIGITS digits."""
    written = str(form.get(name, ""))
    return int(written) if written.isdecimal() and len(written) <= MAX_DIGITS else 0


def short(text: str) -> str:
    """Returns the readable characters of a short field, such as the number of a complaint."""
    return readable(text).strip()[:MAX_SHORT_CHARACTERS]


def day(text: str) -> date | None:
    """Parses a day, such as ``2026-11-30``; None if it is not a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
