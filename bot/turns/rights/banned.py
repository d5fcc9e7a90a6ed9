"""Decides how to respond to a citizen whose conversation staff blocked for a limited time.

The citizen is informed of the block once, with other ways to reach the agency. Dangers are still recognized: the
citizen gets the emergency numbers, and a confirmed danger opens an emergency ticket. If the reason for the block is
false alarms, staff who may lift the block get a notice instead (bot/app/tasks/ban_dangers.py). The citizen can still
ask about their own data and receipts, withdraw a call-back request, and write «baja» or «alta». Other messages get no
answer and open no ticket. The block has no effect while the citizen waits for or talks to an agent, as in an emergency.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.agency.desk_settings import CHANNEL
from bot.agency.model import Agency
from bot.conversation.bans import FALSE_ALARMS, Ban, Bans
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.messages import Author, CitizenMessage, Reply, Speaker
from bot.core.texts import area
from bot.turns.buttons import offered, with_ids
from bot.turns.danger import DangerNotices
from bot.turns.emergency import Judge, told_danger
from bot.turns.optout import about_notices
from bot.turns.outcome import Callbacks, Decision, ForPerson, Turn

Recognizes = Callable[[CitizenMessage], Awaitable[bool]]


class Banned:
    """Decides how to respond to blocked citizens.

    ``is_about_own_data(message)`` returns whether its text is about the citizen's own data.
    """

    def __init__(
        self,
        agency: Agency,
        bans: Bans,
        judge: Judge,
        is_about_own_data: Recognizes,
        callbacks: Callbacks | None = None,
    ) -> None:
        self._agency, self._bans, self._judge = agency, bans, judge
        self._is_about_own_data, self._callbacks = is_about_own_data, callbacks
        self._danger_notices = DangerNotices(agency)

    async def ban(self, message: CitizenMessage, state: ConversationState) -> Ban | None:
        """Returns the active block; None if there is none, or while the citizen waits for or talks to an agent."""
        if state.speaker is not Speaker.ASSISTANT or state.belongs_to_staff(message):
            return None
        return await self._bans.of(message.conversation)

    async def urgent(self, ban: Ban, message: CitizenMessage, state: ConversationState) -> Decision | ForPerson | None:
        """Decides how to respond to a confirmed or possible danger, «baja» or «alta».

        Returns None for any other message, and for a possible danger of which the citizen was warned lately.

        A confirmed danger opens an emergency ticket, but a citizen who was blocked for false alarms only gets the
        numbers.
        """
        if chosen := about_notices(message, state, self._agency):
            return chosen
        if kind := told_danger(message, state.buttons):
            return self.alarmed(ban, kind, state)
        danger = await self._judge(message.text) if message.button is None else None
        if danger is None:
            return None
        if danger.sure:
            return self.alarmed(ban, danger.kind, state)
        warned = self._danger_notices.over(danger.kind, Decision(), state)
        return warned if warned.replies else None

    def alarmed(self, ban: Ban, kind: str, state: ConversationState) -> Decision | ForPerson:
        """Returns the decision on a confirmed danger: only the numbers for who was blocked for false alarms."""
        if ban.reason == FALSE_ALARMS:
            return Decision((self._danger_notices.sure(kind),))
        team = self._agency.desk.team_for(self._agency.default_team, {CHANNEL: state.channel or "", **state.known})
        return ForPerson(self._danger_notices.handed_off(kind, team))

    async def decide(
        self,
        ban: Ban,
        message: CitizenMessage,
        state: ConversationState,
        rights: Callable[[CitizenMessage, ConversationState], Awaitable[Decision | ForPerson | None]],
        menu: Callable[[Turn, CitizenMessage], Decision],
    ) -> Decision:
        """Decides how to respond to a message for which ``urgent`` returned None.

        ``rights`` and ``menu`` are methods of Rights.
        """
        if self._callbacks and (revoked := self._callbacks.revoked(message, state)):
            return revoked
        own = await rights(message, state)
        if isinstance(own, Decision):
            return own
        if own:
            return _registered(own) if own.note else self._other_ways(ban)
        if message.button is None and await self._is_about_own_data(message):
            return menu(Turn(), message)
        return self.inform(ban, state)

    def inform(self, ban: Ban, state: ConversationState) -> Decision:
        """Returns the decision that informs the citizen of the block, or an empty one if they were informed before."""
        if ban.mark in state.sent_notices:
            return Decision()
        return self._other_ways(ban)

    def _other_ways(self, ban: Ban) -> Decision:
        """Returns the decision with the notice of the block.

        A citizen who asks for a person about their own data also gets this notice.
        """
        return Decision((ban_notice(self._agency, ban),), Change(sent_notices=(ban.mark,), buttons=()))


def _registered(own: ForPerson) -> Decision:
    """Returns the decision that registers a request and sends its receipt, without the handoff to a person."""
    replies = with_ids(own.turn.replies)
    return replace(Decision(replies, Change(buttons=offered(replies), note=own.note)), handoff=None)


def ban_notice(agency: Agency, ban: Ban) -> Reply:
    """Returns the notice of a block: its end, its reason, and other ways to reach the agency."""
    until = ban.until.astimezone(agency.zone)
    texts = area("bloqueos")
    reason = texts["razones"].get(ban.reason, texts["razones"]["other"])["dicho"]
    values = {"fecha": f"{until:%d-%m-%Y}", "hora": f"{until:%H:%M}", "razon": reason}
    text = agency.say("bloqueado", telefono=agency.phone, correo=agency.email, **values)
    return Reply(text, author=Author.SYSTEM)


def ban_ended(agency: Agency) -> Reply:
    return Reply(agency.say("desbloqueado"), author=Author.SYSTEM)
