"""Names the person of a conversation, whose name we do not know, so that agents can tell conversations apart."""

from __future__ import annotations

from hashlib import blake2s

from bot.core.texts import area


def nickname_of(conversation: str) -> str:
    """Returns the nickname of a conversation, such as «Canelo azul»; always the same one for the same conversation."""
    words = area("desk")["apodos"]
    number = int.from_bytes(blake2s(conversation.encode(), digest_size=8).digest())
    number, name = divmod(number, len(words["nombres"]))
    return f"{words['nombres'][name]} {words['colores'][number % len(words['colores'])]}"
