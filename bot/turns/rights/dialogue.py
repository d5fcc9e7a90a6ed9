"""Answers a citizen's request about their own data with a menu, and carries out their choice.

Writing in the conversation's channel proves that the data is the citizen's, so they may read it and have it erased
immediately; not in a group, whose conversation is of several people: there they are asked to write in private. Any
other request is registered with a receipt number and a deadline (registering.py), and goes to a person. Erasure needs a
second confirmation; the turn that gets it only stores the request, which bot/privacy/requests.py carries out. A citizen
who waits for or talks to an agent gets the same menu; nothing is handed off then, and erasure ends the ticket.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from bot.agency.privacy_settings import RequestKind
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.logs import log
from bot.core.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.core.texts import area, say
from bot.record.privacy_requests import receipt_in
from bot.turns.buttons import offered, plain, pressed, with_ids
from bot.turns.outcome import Decision, ForPerson, Turn
from bot.turns.rights.banned import Banned
from bot.turns.rights.explaining import Answer, explained, is_answered
from bot.turns.rights.naming import names_request
from bot.turns.rights.registering import Registering

OWN = "own:"  # begins the payload of every button of this dialogue
SHOW, ERASE, ERASE_SURE, KEEP, PERSON = "own:show", "own:erase", "own:sure", "own:keep", "own:person"
MORE = "own:more"
REQUEST = "own:request:"  # begins the payload of a button that registers a request of the RequestKind after it
REQUESTS = (RequestKind.RECTIFICATION, RequestKind.BLOCKING, RequestKind.OBJECTION, RequestKind.ACCESS)
TITLES = {SHOW: "ver", ERASE: "borrar", ERASE_SURE: "seguro", KEEP: "no", PERSON: "persona", MORE: "mas"}
Holds = Callable[[str], Awaitable[bool]]
MAX_MENU_WORDS = 5  # after a request, a longer message that would open the menu explains the request
MAX_WORDS = 14  # a longer message is not recognized as a request by its words alone


class Rights:
    """The dialogue about the citizen's own data.

    ``link`` returns the address of the page that shows a conversation, '' if the channel cannot open it. ``receipt``
    returns a new receipt number. Without ``registering``, requests go to a person without a receipt. ``banned`` decides
    how to respond to citizens whose conversations staff blocked. ``is_held`` returns whether a legal hold forbids
    erasing a conversation; it may raise SQLAlchemyError and OSError. ``is_other`` returns whether a text that follows
    a request is surely no explanation of it, such as thanks.
    """

    def __init__(
        self,
        link: Callable[[str], str],
        receipt: Callable[[], str],
        registering: Registering | None = None,
        banned: Banned | None = None,
        is_held: Holds | None = None,
        is_other: Callable[[str], bool] = lambda _text: False,
    ) -> None:
        self._is_held, self._is_other = is_held, is_other
        self._link, self._receipt, self._registering, self._banned = link, receipt, registering, banned

    async def blocked(self, message: CitizenMessage, state: ConversationState) -> Decision | ForPerson | None:
        """Decides how to respond to a citizen whose conversation staff blocked; may be an empty decision.

        Returns None if there is no block, or while the citizen waits for or talks to an agent.
        """
        if self._banned is None or not (ban := await self._banned.ban(message, state)):
            return None
        if urgent := await self._banned.urgent(ban, message, state):
            return urgent
        return await self._banned.decide(ban, message, state, partial(self.decide, blocked=True), self.menu)

    async def barred(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Returns the decision that informs the citizen of the block by staff; an empty decision if that has been done.

        Returns None if there is no block, or while the citizen waits for or talks to an agent.
        """
        ban = await self._banned.ban(message, state) if self._banned else None
        return self._banned.inform(ban, state) if self._banned and ban else None

    async def silenced(self, kind: str, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Returns the decision, only the numbers, on a danger of who is blocked for false alarms; None for others."""
        ban = await self._banned.ban(message, state) if self._banned else None
        found = self._banned.alarmed(ban, kind, state) if self._banned and ban else None
        return found if isinstance(found, Decision) else None

    async def decide(
        self,
        message: CitizenMessage,
        state: ConversationState,
        answer: Answer | None = None,
        *,
        blocked: bool = False,
    ) -> Decision | ForPerson | None:
        """Decides how to respond to a choice from the menu, an explanation, a receipt, or a request for the menu.

        Returns None for any other message, such as a question that ``answer`` surely answers. Only a citizen who waits
        or is ``blocked`` explains a request: after a block, words are for the assistant again.
        """
        if message.shared and (_choice(message, state) or "").startswith(OWN):
            return _said("en_grupo")
        if chosen := await self._chosen(message, state):
            if isinstance(chosen, ForPerson) or not chosen.change.erase:
                return chosen
            return await self._noted(message.conversation, chosen.change.erase) or chosen
        explanation = explained(message, state, self._is_about_else) if state.ticket or blocked else None
        if explanation and not await is_answered(message, state, answer):
            return explanation
        if self._registering and (reply := await self._registering.state_reply(message)):
            return Decision((reply,))
        return self.menu(Turn(), message) if message.button is None and _asks(message.text) else None

    def menu(self, turn: Turn, message: CitizenMessage) -> Decision:
        """Returns the decision with the menu, instead of a ``turn`` that hands a privacy request to a person."""
        choices = SHOW, ERASE, MORE if self._registering else PERSON
        asked = _said("en_grupo") if message.shared else _asked("menu", *choices)
        return replace(asked, change=turn.change(asked.change))

    async def beside(
        self, message: CitizenMessage, state: ConversationState, answer: Answer | None = None
    ) -> Decision | None:
        """Decides like ``decide``, for a citizen who waits for or talks to an agent; None for any other message."""
        own = await self.decide(message, state, answer)
        return _beside(own, state) if own else None

    def menu_beside(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with the menu for a citizen who waits for a person; earlier buttons stay valid."""
        return _beside(self.menu(Turn(), message), state)

    async def _chosen(self, message: CitizenMessage, state: ConversationState) -> Decision | ForPerson | None:
        choice = _choice(message, state)
        if choice and choice.startswith(REQUEST) and self._registering:
            return await self._registering.register(RequestKind(choice.removeprefix(REQUEST)), message)
        match choice:
            case "own:show":
                link = self._link(message.conversation)
                return _said("ver", enlace=link) if link else _said("ver_sin_enlace")
            case "own:erase":
                return _asked("borrar", ERASE_SURE, KEEP)
            case "own:more":
                return _asked("mas", *(f"{REQUEST}{kind}" for kind in REQUESTS), PERSON)
            case "own:sure":
                return self._erased()
            case "own:keep":
                return _said("no")
            case "own:person":
                return ForPerson(Turn(handoff=Handoff(HandoffReason.PRIVACY_REQUEST)))
        return None

    def _is_about_else(self, text: str) -> bool:
        """Returns whether a text that follows a request is surely no explanation of it."""
        is_short = len(plain(text).split()) <= MAX_MENU_WORDS
        return (is_short and _asks(text)) or bool(receipt_in(text)) or self._is_other(text)

    async def _noted(self, conversation: str, receipt: str) -> Decision | None:
        """Decides on an erasure that a legal hold forbids, or may forbid since PostgreSQL is unreachable; else None.

        The request is stored and bot/privacy/requests.py decides later; the citizen keeps ticket and call-back.
        """
        try:
            if not (self._is_held and await self._is_held(conversation)):
                return None
            reply = _confirmed("borrado_retenido", receipt)
        except (SQLAlchemyError, OSError) as error:
            log.warning("rights: record unavailable", error=type(error).__name__)
            reply = _confirmed("borrado_anotado", receipt)
        return replace(reply, change=replace(reply.change, erase=receipt))

    def _erased(self) -> Decision:
        receipt = self._receipt()
        reply = _confirmed("borrado", receipt)
        return replace(reply, change=replace(reply.change, erase=receipt, revoke=True))


def without_own(state: ConversationState) -> Change:
    """Returns the change that ends this dialogue and keeps the other buttons.

    Used when a citizen who has an agent writes anything else: «sí» or a number then no longer chooses from this
    dialogue's menu.
    """
    others = tuple(one for one in state.buttons if not one.payload.startswith(OWN))
    return Change(buttons=others if others != state.buttons else None)


def without_earlier_own(decision: Decision, state: ConversationState) -> Decision:
    """Returns the decision; unless an agent attends, ends this dialogue if the decision does not continue it.

    Only the buttons that the decision itself offers stay: «sí» after another question must not erase anything.
    """
    earlier = [one for one in state.buttons if one.payload.startswith(OWN)]
    if state.speaker is Speaker.STAFF or not earlier:
        return decision
    buttons = state.buttons if decision.change.buttons is None else decision.change.buttons
    kept = tuple(one for one in buttons if one not in earlier)
    return replace(decision, change=replace(decision.change, buttons=kept))


def _asks(text: str) -> bool:
    """Returns whether the words alone identify a privacy request: «ARCO», «tienen mal mi nombre»."""
    words = plain(text)
    if words in area("derechos")["piden_a_secas"]:
        return True
    return len(words.split()) <= MAX_WORDS and any(f" {one} " in f" {words} " for one in area("derechos")["piden"])


def _beside(own: Decision | ForPerson, state: ConversationState) -> Decision:
    """Returns the decision on a privacy request without a handoff; earlier buttons stay valid.

    Erasure ends the ticket, since an attended conversation cannot be erased; in an emergency it waits for the end of
    the ticket instead, because nobody may lose sight of a person in danger.
    """
    if isinstance(own, ForPerson):
        if own.note is None:
            return Decision((Reply(say("derechos.persona_pedida"), author=Author.SYSTEM),))
        own = Decision(own.turn.replies, Change(buttons=(), note=own.note))
    change = own.change
    if change.erase and not change.revoke:
        return own  # only noted (Rights._noted)
    if change.erase and state.in_emergency:
        own = _confirmed("borrado_despues", change.erase)
    elif change.erase:
        return replace(own, change=replace(change, cancel_ticket=True))
    if change.buttons is None:
        return own
    earlier = (one for one in state.buttons if not one.payload.startswith(OWN))
    return replace(own, change=replace(change, buttons=(*change.buttons, *earlier)))


def _choice(message: CitizenMessage, state: ConversationState) -> str | None:
    """Returns the payload of the chosen button, or None; «sí» and «no» answer the question whether to erase.

    A short text that names an offered request («corregir mi dirección») chooses it.
    """
    if button := pressed(message, state.buttons):
        return button.payload
    if message.button is None and (named := _named_request(message.text, state)):
        return named
    if not any(one.payload == ERASE_SURE for one in state.buttons):
        return None
    words = plain(message.text)
    texts = area("derechos")["palabras"]
    return ERASE_SURE if words in texts["si"] else KEEP if words in texts["no"] else None


def _named_request(text: str, state: ConversationState) -> str | None:
    """Returns the payload of the offered request that a short text names, or None."""
    open_now = (one.payload for one in state.buttons if one.payload.startswith(REQUEST))
    return next((one for one in open_now if names_request(one.removeprefix(REQUEST), text)), None)


def _asked(text: str, *payloads: str) -> Decision:
    titles = area("derechos")["botones"]
    buttons = tuple(Button(titles[TITLES.get(one, one.removeprefix(REQUEST))], one) for one in payloads)
    replies = with_ids((Reply(say(f"derechos.{text}"), buttons),))
    return Decision(replies, Change(buttons=offered(replies)))


def _said(text: str, **values: object) -> Decision:
    return Decision((Reply(say(f"derechos.{text}", **values)),), Change(buttons=()))


def _confirmed(text: str, receipt: str) -> Decision:
    """Returns the decision that confirms an erasure; the record then knows of it even if Redis loses it."""
    own = _said(text, comprobante=receipt)
    return replace(own, replies=tuple(replace(one, erasure=receipt) for one in own.replies))
