"""What a citizen says in the dialogue about a complaint: a message, and the button that it chooses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.messages import CitizenMessage
from bot.handoff.complaints.questions import SKIP
from bot.handoff.complaints.words import declines, means
from bot.text.questions import has_mark
from bot.turns.buttons import LOCATE


@dataclass(frozen=True)
class Said:
    """The citizen's message, and the payload of the button that it chooses ('' if there is none)."""

    message: CitizenMessage
    payload: str

    @property
    def text(self) -> str:
        return self.message.text.strip()

    def is_(self, payload: str, words: str) -> bool:
        return self.payload == payload or (not self.payload and means(words, self.text))

    @property
    def has_mark(self) -> bool:
        return has_mark(self.text)

    @property
    def declines(self) -> bool:
        return not self.payload and declines(self.text)

    @property
    def skips(self) -> bool:
        return self.is_(SKIP, "saltar") or self.declines


def button_notice(said: Said) -> str:
    """Returns the text key of the reply to a button that shares the position or is no longer offered; else ''."""
    if said.payload == LOCATE:
        return "reclamo_recibido" if said.message.place else "reclamo_sin_ubicacion"
    return "reclamo_opcion_vieja" if said.message.button is not None and not said.payload else ""
