"""Recognizes a message that only begins to tell something («mi mamá», «es que mi hijo»), and asks to go on."""

from __future__ import annotations

from actions.commands import Fallback
from bot.agency.model import Agency
from bot.core.messages import Button
from bot.core.payload import Payload
from bot.core.texts import area
from bot.faq.answering.follow_up import own_stems
from bot.faq.words.wording import only_tells
from bot.text.normalize import plain

MAX_WORDS = 4


def is_unfinished(text: str) -> bool:
    """Returns whether the text has at most MAX_WORDS words, asks nothing and begins like a story."""
    words = plain(text).split()
    begins = bool(words) and words[0] in area("agency")["empieza_a_contar"]
    return begins and len(words) <= MAX_WORDS and "?" not in text


def asks_nothing(text: str) -> bool:
    """Returns whether the text only begins to tell something, or tells it and asks nothing."""
    return is_unfinished(text) or only_tells(text)


def only_names_somebody(text: str) -> bool:
    """Returns whether an unfinished text only names somebody («mi mamá»), so that choices would be guesses."""
    return is_unfinished(text) and own_stems(text) <= own_stems(" ".join(area("agency")["de_quien_se_cuenta"]))


def go_on(agency: Agency) -> Fallback:
    """Returns the fallback for an unfinished message that no entry answers; the reply asks for the rest."""
    reply = Payload(agency.say("sigue_contando"), (Button(agency.say("boton_persona"), "/ask_human"),))
    return Fallback("action_out_of_scope", "", agency.default_team, reply)
