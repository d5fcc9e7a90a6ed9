"""Recognizes texts that only doubt about choices, give them up, say that they are a mistake or announce a question.

The phrases are ``no_sabe_cual``, ``ya_no_quiere`` («olvídalo»), ``no_era_eso``, ``se_equivoco`` and
``anuncia_pregunta`` of bot/core/texts/agency.yml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from bot.core.texts import area
from bot.text.normalize import plain
from bot.text.phrases import Phrases

REPEATED = re.compile(r"([a-z])\1{2,}")  # «mmmm», «nooo sé»


def is_unsure(text: str) -> bool:
    """Returns whether the text only says, apart from fillers, that the citizen does not know («mmm no sé»)."""
    return only_says("no_sabe_cual", text)


def drops_offer(text: str) -> bool:
    """Returns whether the text only says that the citizen no longer wants an answer («olvídalo, gracias»)."""
    return only_says("ya_no_quiere", text)


def says_not_that(text: str) -> bool:
    """Returns whether the text only says that an answer was not what the citizen asked («no era eso»)."""
    return only_says("no_era_eso", text)


def made_a_mistake(text: str) -> bool:
    """Returns whether the text only says that it was a mistake, or asks for a moment («me equivoqué de chat»).

    «Perdón» and «espera» count only alone, since «ay no no, perdón» may be a cry, which nobody else would judge.
    """
    return plain(text) in area("agency")["se_equivoco"]["solas"] or only_says("se_equivoco", text)


def announces_a_question(text: str) -> bool:
    """Returns whether the text only says that a question follows («gracias, otra consulta»), without asking it."""
    return only_says("anuncia_pregunta", text)


def only_says(key: str, text: str) -> bool:
    """Returns whether the text has a phrase of ``key`` of agency.yml, and nothing but its phrases and fillers."""
    words, (phrases, and_fillers) = REPEATED.sub(r"\1", plain(text)), _phrases(key)
    return and_fillers.are_all_of(words) and any(f" {one} " in f" {words} " for one in phrases)


@cache
def _phrases(key: str) -> tuple[Sequence[str], Phrases]:
    """Returns the phrases of ``key``, and a Phrases of these and of the fillers."""
    known: dict[str, Sequence[str]] = area("agency")[key]
    return known["frases"], Phrases([*known["frases"], *known["relleno"]])
