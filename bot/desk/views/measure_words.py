"""Describes the measures of a notice in Spanish (``avisos.medidas``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.agency.model import Agency
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.texts import area, say
from bot.public_notices.measures import Kind, Measure

CLOSED = "hours_closed"


def no_questions() -> Mapping[str, str]:
    return {}


class MeasureWords:
    """Describes measures; ``questions()`` returns the entries' questions, keyed by entry id."""

    def __init__(self, agency: Agency, questions: Callable[[], Mapping[str, str]] = no_questions) -> None:
        self._teams, self._questions = agency.teams, questions

    def of(self, one: Measure, *, drill: bool = False) -> str:
        """Describes in Spanish what a measure changes; in a drill, the text begins by saying that it is a drill."""
        key = CLOSED if one.kind is Kind.HOURS and not one.value else one.kind.value
        value = " ".join(plain_text(markdown_spans(one.value)).split())
        words = say(f"avisos.medidas.{key}", cual=self._target(one), valor=value)
        return say("avisos.prueba", titulo=words) if drill else words

    def question_of(self, entry: str) -> str:
        """Returns the question of the entry with this id; the id if there is no such entry."""
        return self._questions().get(entry, entry)

    def _target(self, one: Measure) -> str:
        if one.kind in (Kind.HOURS, Kind.FIRST_TEAM):
            return self._teams.get(one.target, one.target) or say("avisos.medidas.todos")
        if one.kind is Kind.CANNED:
            return one.target
        return self.question_of(one.target)


def kind_words(key: str) -> str:
    """Returns the short name of a measure's kind, from the measure's key."""
    kind = key.partition(":")[0]
    return str(area("avisos")["clases_de_medida"].get(kind, kind))
