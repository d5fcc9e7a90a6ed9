"""Gives each conversation a nickname, since citizens' names are unknown and agents must distinguish conversations."""

from __future__ import annotations

from hashlib import blake2s

from bot.core.texts import area


def nickname_of(conversation: str) -> str:
    """Returns a conversation's nickname, such as «Canelo azul», which never changes."""
    words = area("desk")["apodos"]
    number = int.from_bytes(blake2s(conversation.encode(), digest_size=8).digest())
    number, name = divmod(number, len(words["nombres"]))
    return f"{words['nombres'][name]} {words['colores'][number % len(words['colores'])]}"
