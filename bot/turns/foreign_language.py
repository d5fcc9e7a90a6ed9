"""Answers a citizen who writes in another language: the assistant understands only Spanish, and offers a person.

The message does not go to Rasa: confidence was never measured on other languages, and a wrong answer that the citizen
cannot read is worse than no answer. The first such message gets a button that offers a person. While that button is
among those offered last, the next message in that language becomes a handoff, with a notice in the same language.
"""

from __future__ import annotations

from bot.agency.desk_settings import LANGUAGE
from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Reply
from bot.core.texts import area, say
from bot.crisis.emergency import foreign_danger
from bot.text.languages import OTHERS, Language, is_long, is_plainly_spanish, recognised
from bot.text.normalize import plain
from bot.text.translations import in_other_languages
from bot.turns.outcome import Turn

PERSON = "language:person:"
SPANISH = "language:es"


def translated(agency: Agency, key: str, **values: str) -> Reply:
    """Returns a text of the agency as a reply of the system, with its translations into other languages."""
    return Reply(agency.say(key, **values), author=Author.SYSTEM, translations=in_other_languages(key, **values))


def stated_language(message: CitizenMessage, button: Button | None, state: ConversationState) -> dict[str, str]:
    """Returns ``{LANGUAGE: language}`` if the message changes the citizen's known language, else {}.

    A citizen of another language becomes a Spanish speaker after one long or two short messages in Spanish, or by
    pressing the button that continues in Spanish.
    """
    language = Language.SPANISH if button and button.payload == SPANISH else None
    if button is None and message.button is None:
        language = recognised(message.text) or _language_of_danger(message, state)
        again = _is_foreign(state) and is_plainly_spanish(message.text)
        if again and (state.wrote_spanish or is_long(message.text)):
            language = Language.SPANISH
    return {LANGUAGE: language.value} if language and language != state.known.get(LANGUAGE) else {}


def wrote_spanish(message: CitizenMessage, state: ConversationState) -> bool | None:
    """Returns the new value of the state's ``wrote_spanish``; None if it does not change.

    The value is True if a citizen of another language wrote in Spanish, False if they write in another language again.
    """
    if recognised(message.text):
        return False if state.wrote_spanish else None
    return True if _is_foreign(state) and is_plainly_spanish(message.text) else None


def _language_of_danger(message: CitizenMessage, state: ConversationState) -> Language | None:
    """Returns the language in which the message describes a danger, else None.

    None also if the citizen is known to write another language.
    """
    abroad = foreign_danger(message.text)
    return abroad.language if abroad and state.known.get(LANGUAGE, abroad.language) == abroad.language else None


def _is_foreign(state: ConversationState) -> bool:
    return state.known.get(LANGUAGE, Language.SPANISH) != Language.SPANISH


def in_another_language(
    agency: Agency, message: CitizenMessage, button: Button | None, state: ConversationState, team: str
) -> Turn | None:
    """Returns the turn for a message in another language, or for a language button; None for any other message.

    A handoff goes to ``team``.
    """
    if button and button.payload == SPANISH:
        return Turn((Reply(say("idiomas.es.seguimos"), author=Author.SYSTEM),))
    if button:
        return _person(button.payload.removeprefix(PERSON), team) if button.payload.startswith(PERSON) else None
    if message.button is not None:
        return None
    if polite := _courtesy(agency, message.text, state):
        return Turn((polite,))
    language = recognised(message.text) or _language_of_danger(message, state)
    if language is None:
        return None
    person = Button(say(f"idiomas.{language}.botones.persona"), f"{PERSON}{language}")
    if any(one.payload == person.payload for one in state.buttons):
        return _person(language, team)
    return Turn((_said(language, "solo_espanol", person, Button(say("idiomas.es.seguir"), SPANISH)),))


def says_name(agency: Agency, text: str) -> str:
    """Returns the name of the assistant, and that it is automatic, if the text only asks for it; else ''."""
    asked, words = area("agency")["preguntas_por_el_nombre"], plain(text).split()
    while words and words[0] in asked["antes"] and " ".join(words) not in asked["frases"]:
        words = words[1:]
    return agency.say("me_llamo", nombre=agency.assistant) if " ".join(words) in asked["frases"] else ""


def _courtesy(agency: Agency, text: str, state: ConversationState) -> Reply | None:
    """Returns the reply to a message in another language that only asks for the assistant's name, or thanks; else None.

    Thanks get a reply only if the citizen is known to write in that language, since Spanish borrows some («thanks»).
    """
    words = plain(text)
    for language in OTHERS:
        known = area("idiomas")[language.value]
        if words in known["mi_nombre"]:
            named = say(f"idiomas.{language}.me_llamo").replace("{nombre}", agency.assistant)
            return Reply(named, author=Author.SYSTEM, language=language)
        if words in known["gracias"] and state.known.get(LANGUAGE) == language:
            return _said(language, "de_nada")
    return None


def _person(language: str, team: str) -> Turn:
    return Turn(handoff=Handoff(HandoffReason.LANGUAGE, team=team), known={LANGUAGE: language})


def _said(language: str, key: str, *buttons: Button) -> Reply:
    text = say(f"idiomas.{language}.{key}").strip()
    return Reply(text, buttons, author=Author.SYSTEM, language=language)
