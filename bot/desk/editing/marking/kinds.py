"""Groups the utterances of an entry by kind, so that its editor sees which kinds are missing.

Only kinds with an exact rule are used: rules for misspellings and for narrated situations also matched ordinary
utterances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.core.texts import say
from bot.desk.editing.form import Form
from bot.text.normalize import plain

MOST_SHORT_WORDS, LEAST_LONG_WORDS = 3, 12


class Kind(StrEnum):
    """A kind of utterance; an utterance may be of several kinds. The Spanish names are in ``entradas.gente.tipos``."""

    SHORT = "short"
    LONG = "long"
    CITIZENS = "citizens"  # citizens wrote it, and an editor accepted it


def kinds_of(form: Form) -> Mapping[Kind, Sequence[str]]:
    """Returns the distinct utterances of each kind, in the order of their lines."""
    texts = list(dict.fromkeys((*form.variants, *(one.text for one in form.phrases))))
    accepted = say("entradas.frase_de_personas", quien="", fecha="").partition(",")[0]
    citizens = {one.text for one in form.phrases if one.comment.startswith(accepted)}
    words = {one: len(plain(one).split()) for one in texts}
    return {
        Kind.SHORT: [one for one in texts if words[one] <= MOST_SHORT_WORDS],
        Kind.LONG: [one for one in texts if words[one] >= LEAST_LONG_WORDS],
        Kind.CITIZENS: [one for one in texts if one in citizens],
    }
