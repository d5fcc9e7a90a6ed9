"""What is said to somebody who writes in another language: that the assistant answers in Spanish only, and a person.

Called by turns.py. The citizen's words are not asked to Rasa: how sure an answer is was never measured on them, and a
wrong one in a language they do not read is worse than none. That it was said stands in the buttons offered last: who
goes on in their language all the same gets a person.
"""

from __future__ import annotations

from bot.agency.desk_settings import LANGUAGE
from bot.conversation.state import ConversationState
from bot.core.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Reply, Turn
from bot.core.texts import say
from bot.text.languages import Language, is_long, is_plainly_spanish, recognised

PERSON = "language:person:"
SPANISH = "language:es"


def language_told(message: CitizenMessage, button: Button | None, state: ConversationState) -> dict[str, str]:
    """What the message tells of the citizen's language, as ``known`` keeps it; empty when nothing new. Who wrote in
    another one writes Spanish again with a long message that is plainly so, or with the second."""
    language = Language.SPANISH if button and button.payload == SPANISH else None
    if button is None and message.button is None:
        language = recognised(message.text)
        again = _is_foreign(state) and is_plainly_spanish(message.text)
        if again and (state.wrote_spanish or is_long(message.text)):
            language = Language.SPANISH
    return {LANGUAGE: language.value} if language and language != state.known.get(LANGUAGE) else {}


def wrote_spanish(message: CitizenMessage, state: ConversationState) -> bool | None:
    """Whether the message is the first that is plainly Spanish of somebody who wrote in another language; None when
    it changes nothing."""
    if recognised(message.text):
        return False if state.wrote_spanish else None
    return True if _is_foreign(state) and is_plainly_spanish(message.text) else None


def _is_foreign(state: ConversationState) -> bool:
    return state.known.get(LANGUAGE, Language.SPANISH) != Language.SPANISH


def in_another_language(
    message: CitizenMessage, button: Button | None, state: ConversationState, team: str
) -> Turn | None:
    """The turn, in the citizen's language; None for a message that is Spanish or may be. ``team``: who attends them."""
    if button and button.payload == SPANISH:
        return Turn((Reply(say("idiomas.es.seguimos"), author=Author.SYSTEM),))
    if button:
        return _person(button.payload.removeprefix(PERSON), team) if button.payload.startswith(PERSON) else None
    language = recognised(message.text) if message.button is None else None
    if language is None:
        return None
    person = Button(say(f"idiomas.{language}.persona"), f"{PERSON}{language}")
    if any(one.payload == person.payload for one in state.buttons):
        return _person(language, team)
    return Turn((_said(language, "solo_espanol", person, Button(say("idiomas.es.seguir"), SPANISH)),))


def _person(language: str, team: str) -> Turn:
    return Turn((_said(language, "en_la_fila"),), Handoff(HandoffReason.LANGUAGE, team=team))


def _said(language: str, key: str, *buttons: Button) -> Reply:
    text = say(f"idiomas.{language}.{key}").strip()
    return Reply(text, buttons, author=Author.SYSTEM, language=language)
