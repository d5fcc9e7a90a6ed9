"""Tests which reply a message about the assistant's last reply gets."""

from __future__ import annotations

from dataclasses import dataclass

from actions.replies.asides import Asides
from bot.core.payload import Payload
from tests.unit.actions_fakes import heard


@dataclass(frozen=True)
class Says:
    """An aside that replies with ``texts``, whatever is said."""

    texts: tuple[str, ...] = ()

    def about(self, tracker: object) -> tuple[Payload, ...]:
        return tuple(Payload(text) for text in self.texts)


def test_the_first_aside_that_replies_counts() -> None:
    said = Asides((Says(), Says(("De la ley.",)), Says(("Dos.",)))).about(heard("¿de dónde sacaste eso?"))
    assert [one.text for one in said] == ["De la ley."]
    assert Asides((Says(), Says())).about(heard("hola")) == ()
