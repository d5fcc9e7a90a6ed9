"""Chooses the reply to messages that neither the answerer nor Rasa gets, and finds the commune of a shared location.

These messages are attachments, locations, texts that are too long or have no words (only a link, a RUT or a telephone
number), positions of options that do not exist, «volver», «me equivoqué», «tengo otra consulta», and the question for
the assistant's name.
"""

from __future__ import annotations

from bot.agency.desk_settings import COMMUNE
from bot.agency.model import Agency
from bot.agency.territory import ELSEWHERE
from bot.core.messages import Button, CitizenMessage, MediaKind, Place, Reply
from bot.text.doubts import announces_a_question, made_a_mistake
from bot.text.wordless import GLAD, has_word, mood_of, wordless
from bot.turns.buttons import place_in, plain, says_if_useful
from bot.turns.emergency import MAX_MESSAGE_CHARACTERS
from bot.turns.foreign_language import says_name
from bot.turns.queue.unanswered import is_choice, is_offer
from bot.turns.queue.waiting import RETURN_WORDS
from bot.turns.rasa_client import harmless

AUDIBLE = frozenset({MediaKind.VOICE, MediaKind.AUDIO})
VISIBLE = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VIDEO})


def unread(message: CitizenMessage) -> str:
    """Returns the key of the reply to a message with attachments and no text.

    Returns '' if there is no reply for their kinds.
    """
    kinds = {one.kind for one in message.attachments}
    if kinds & AUDIBLE:
        return "audio"
    return "adjunto" if kinds & VISIBLE else ""


def place_words(agency: Agency, place: Place) -> str:
    """Returns the reply to a shared location; it says whether the location is in the territory, if one is set."""
    if agency.territory is None:
        return agency.say("ubicacion")
    key = "ubicacion_dentro" if agency.territory.holds(place) else "ubicacion_fuera"
    return agency.say(key, agencia=agency.short_name)


def stated_commune(agency: Agency, message: CitizenMessage) -> dict[str, str]:
    """Returns, for a shared location, ``{COMMUNE: ...}`` with the agency's commune or ELSEWHERE.

    Returns {} without a location or a configured territory.
    """
    if message.place is None or agency.territory is None:
        return {}
    return {COMMUNE: agency.comuna if agency.territory.holds(message.place) else ELSEWHERE}


def said_without_rasa(
    agency: Agency, message: CitizenMessage, button: Button | None, buttons: tuple[Button, ...] = ()
) -> Reply | None:
    """Returns the reply to a message that Rasa need not get, such as a location or a too long text; else None.

    ``buttons`` are those offered last; ``button`` is the one of them that the message chooses, or None.
    """
    if button is not None:
        return None
    if not message.text and message.place is not None:
        return Reply(place_words(agency, message.place))
    if message.button is None and (reply := _wordless(agency, message.text, buttons)):
        return reply
    if not message.text and (key := unread(message)):
        return Reply(agency.say(key))
    if message.button is not None:
        return Reply(agency.say("opcion_vencida"))
    return _to_words(agency, message.text, buttons)


def _to_words(agency: Agency, text: str, buttons: tuple[Button, ...]) -> Reply | None:
    """Returns the reply to words that need neither Rasa nor the answerer, or that they cannot read; else None."""
    if plain(text) in RETURN_WORDS:
        return Reply(agency.say("vuelve_asistente"))
    if named := says_name(agency, text):
        return Reply(named)
    if announces_a_question(text) and not is_offer(buttons):  # «otra cosa» rejects offered choices
        return Reply(agency.say("anuncia_pregunta"))
    return _corrected(agency, buttons) if made_a_mistake(text) else _unreadable(agency, text, buttons)


def _shown(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Returns the buttons to offer again: all except those that say whether an answer helped."""
    return tuple(one for one in buttons if not says_if_useful(one.id))


def _wordless(agency: Agency, text: str, buttons: tuple[Button, ...]) -> Reply | None:
    """Returns the reply to a position that no button has, or to emojis that show a mood; None for any other text."""
    return _place_missed(agency, text, buttons) or _moved(agency, mood_of(text), buttons)


def _place_missed(agency: Agency, text: str, buttons: tuple[Button, ...]) -> Reply | None:
    """Returns the reply to a position that no button has, such as «la 5»; None for any other text.

    The reply offers the buttons again if there are several. Otherwise only a number («2», «la 2») gets a reply, since
    «la segunda» may refer to a list in an answer.
    """
    if place_in(text) is None:
        return None
    shown = _shown(buttons)
    if len(shown) > 1:
        return Reply(agency.say("cual_de_estas"), shown)
    return Reply(agency.say("solo_numero"), shown) if any(char.isdigit() for char in text) else None


def _corrected(agency: Agency, buttons: tuple[Button, ...]) -> Reply:
    """Returns the reply to «me equivoqué»: the offered options again, if there are several, else a request to write."""
    shown = _shown(buttons)
    return Reply(agency.say("cual_de_estas" if len(shown) > 1 else "se_equivoco"), shown)


def _moved(agency: Agency, mood: str, buttons: tuple[Button, ...]) -> Reply | None:
    """Returns the reply to a text of emojis of one ``mood``, with the open buttons, since «👍» presses none.

    It asks for a choice if choices are offered. Beside other buttons, such as those about a danger, a glad mood gets
    None, as does ``mood`` '': the citizen then reads that the text has no words.
    """
    shown = _shown(buttons)
    if mood == GLAD and is_offer(shown):
        return Reply(agency.say("cual_de_estas"), shown)
    if not mood or (mood == GLAD and not all(map(is_choice, shown))):
        return None
    return Reply(agency.say("emoji_contento" if mood == GLAD else "emoji_molesto"), shown)


def _unreadable(agency: Agency, text: str, buttons: tuple[Button, ...]) -> Reply | None:
    """Returns the reply to a text that has no words for Rasa, or is too long; None for any other text.

    A reply to a text without words, such as «🙏», keeps the open buttons.
    """
    if not has_word(text):
        return Reply(agency.say("mensaje_vacio"), _shown(buttons))
    if len(text) > MAX_MESSAGE_CHARACTERS:
        return Reply(agency.say("mensaje_largo"))
    key = wordless(text) or ("" if harmless(text) else "mensaje_vacio")
    return Reply(agency.say(key)) if key else None
