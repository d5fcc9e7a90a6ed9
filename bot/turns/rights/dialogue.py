"""Answers a request about one's own data with a menu, and carries out what the citizen chooses.

The conversation's own channel proves that it is theirs, so they may read it and have it erased at once. Anything more
needs a person. Erasing takes a second yes; the turn that gets it only notes the request (bot/privacy/requests.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.messages import Button, CitizenMessage, Handoff, HandoffReason, Reply
from bot.core.texts import area, say
from bot.turns.buttons import offered, plain, pressed, with_ids
from bot.turns.outcome import Decision, Turn

SHOW, ERASE, ERASE_SURE, KEEP, PERSON = "own:show", "own:erase", "own:sure", "own:keep", "own:person"
TITLES = {SHOW: "ver", ERASE: "borrar", ERASE_SURE: "seguro", KEEP: "no", PERSON: "persona"}


class Rights:
    """The dialogue about the citizen's own data.

    ``link`` returns the address of the page that shows a conversation, '' if the channel cannot open it. ``receipt``
    returns a new receipt number.
    """

    def __init__(self, link: Callable[[str], str], receipt: Callable[[], str]) -> None:
        self._link, self._receipt = link, receipt

    def menu(self, turn: Turn) -> Decision:
        """Returns the menu, instead of a ``turn`` that would hand a request about own data to a person."""
        return replace(_asked("menu", SHOW, ERASE, PERSON), change=_change(turn, _asked("menu", SHOW, ERASE, PERSON)))

    def chosen(self, message: CitizenMessage, state: ConversationState) -> Decision | Handoff | None:
        """Decides about a choice from the menu; a Handoff if a person shall answer, None for any other message."""
        match _choice(message, state):
            case "own:show":
                link = self._link(message.conversation)
                return _said("ver", enlace=link) if link else _said("ver_sin_enlace")
            case "own:erase":
                return _asked("borrar", ERASE_SURE, KEEP)
            case "own:sure":
                return self._erased()
            case "own:keep":
                return _said("no")
            case "own:person":
                return Handoff(HandoffReason.PRIVACY_REQUEST)
        return None

    def _erased(self) -> Decision:
        receipt = self._receipt()
        told = _said("borrado", comprobante=receipt)
        return replace(told, change=replace(told.change, erase=receipt, revoke=True))


def _choice(message: CitizenMessage, state: ConversationState) -> str | None:
    """Returns the payload of the chosen button; «sí» and «no» count as those of the question whether to erase."""
    if button := pressed(message, state.buttons):
        return button.payload
    if not any(one.payload == ERASE_SURE for one in state.buttons):
        return None
    words = plain(message.text)
    texts = area("derechos")["palabras"]
    return ERASE_SURE if words in texts["si"] else KEEP if words in texts["no"] else None


def _asked(text: str, *payloads: str) -> Decision:
    titles = area("derechos")["botones"]
    buttons = tuple(Button(titles[TITLES[payload]], payload) for payload in payloads)
    replies = with_ids((Reply(say(f"derechos.{text}"), buttons),))
    return Decision(replies, Change(buttons=offered(replies)))


def _said(text: str, **values: object) -> Decision:
    return Decision((Reply(say(f"derechos.{text}", **values)),), Change(buttons=()))


def _change(turn: Turn, asked: Decision) -> Change:
    return replace(asked.change, known=turn.known, dialogue=turn.dialogue, unheard=turn.unheard)
