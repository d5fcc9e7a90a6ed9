"""Derives ids and topic names from Spanish text: *¿Cómo pago el permiso?* becomes ``como-pago-el-permiso``."""

from __future__ import annotations

from collections.abc import Container

from bot.text.normalize import plain

MAX_ID_CHARS = 60
ROOM_FOR_NUMBER = 4  # characters reserved for the number that ``unique`` appends


def slug(text: str) -> str:
    """Returns ``text`` as a hyphenated lower-case id, shortened to whole words; "" if it has no letters or digits."""
    words = plain(text).replace("ñ", "n").split()
    room = MAX_ID_CHARS - ROOM_FOR_NUMBER
    name = words[0][:room] if words else ""
    for word in words[1:]:
        if len(name) + 1 + len(word) > room:
            break
        name = f"{name}-{word}"
    return name


def topic_words(typed: str) -> str:
    """Returns the topic for a file's header: the folder's name if it has the same words as ``typed``, else ``typed``.

    A text in capitals becomes small letters after the first, with its accents. Returns '' without letters and digits.
    """
    words, folder = " ".join(typed.split()), slug(typed)
    words = words.capitalize() if words.isupper() else words
    says_more = words.casefold() != folder.replace("-", " ")
    return words if says_more and folder else folder


def unique(name: str, *taken: Container[str]) -> str:
    """Returns ``name``, or the first of ``name-2``, ``name-3``... that is in none of the containers ``taken``."""
    number, candidate = 1, name
    while any(candidate in names for names in taken):
        number += 1
        candidate = f"{name}-{number}"
    return candidate
