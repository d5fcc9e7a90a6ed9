"""Offers the measures of a pack in a notice's form, and parses the measures that a person chose there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.agency.model import Agency
from bot.conversation.readable import readable
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.desk.crisis.pack_measures import all_of, known_measures
from bot.desk.crisis.packs import packs
from bot.desk.queries.canned import MAX_CHARACTERS
from bot.faq.entries.entry import Published
from bot.public_notices.measures import Kind, Measure

TEXT = "valor:"  # followed by the key of the measure


@dataclass(frozen=True)
class PackMeasures:
    """The measures of the packs in ``data``, for this agency's teams and published entries."""

    agency: Agency
    faq: Published
    data: Path

    def questions(self) -> Mapping[str, str]:
        """Returns the questions of the published entries, keyed by the entry's id."""
        return {one.id: one.question for one in self.faq.entries}

    def of(self, pack: str) -> tuple[Measure, ...]:
        """Returns a pack's measures, without those for teams or entries that this agency lacks.

        Returns () if there is no such pack.
        """
        found = packs(self.data).get(pack)
        return known_measures(found.measures(), self.agency.teams, self.questions()) if found else ()

    def chosen(self, form: Any, own: tuple[Measure, ...]) -> tuple[Measure, ...]:
        """Returns the ticked measures, from the notice as it was last saved (``own``) and from the posted pack.

        Raises Refused if a canned reply has no text or too long a text.
        """
        ticked = {str(one) for one in form.getlist("medida")}
        offered = all_of(own, self.of(str(form.get("paquete", ""))))
        return tuple(_written(one, form) for one in offered if one.key in ticked)


def _written(one: Measure, form: Any) -> Measure:
    """Returns a measure with the text that was posted with it, if its text can be edited.

    Raises Refused if the text is missing or too long.
    """
    if one.kind is not Kind.CANNED or TEXT + one.key not in form:
        return one
    text = readable(str(form[TEXT + one.key]).replace("\r\n", "\n")).strip()
    if not text or len(text) > MAX_CHARACTERS:
        raise Refused(422, "invalid", say("avisos.problemas.respuesta_mala", atajo=one.target, maximo=MAX_CHARACTERS))
    return replace(one, value=text)
