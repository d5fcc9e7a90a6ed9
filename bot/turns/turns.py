"""Decides how to respond to a message or batch, depending on the conversation's speaker.

ASSISTANT: an emergency is answered immediately; most other messages go to the answerer or Rasa (assistant.py). WAITING:
the assistant answers if it is confident, and leaves the rest for an agent (waiting.py). STAFF: the assistant only sends
the number for a danger, answers privacy requests, and asks a citizen who presses an old button to write instead. A
message that the answerer did not check for dangers is checked here, by phrases and then by the classifier (danger.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from bot.agency.desk_settings import CHANNEL, COMMUNE
from bot.agency.model import Agency
from bot.agency.territory import ELSEWHERE
from bot.conversation.state import ConversationState
from bot.core import clock
from bot.core.errors.rasa import RasaSilent, RasaUnavailable
from bot.core.logs import log
from bot.core.messages import Author, Button, Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.core.payload import not_understood
from bot.metrics.measures import count_rasa_failure
from bot.turns.assistant import Assistant
from bot.turns.attachments import place_words, said_without_rasa, stated_commune
from bot.turns.buttons import NO_EMERGENCY_ID, chosen_earlier, is_press, pressed
from bot.turns.danger import DangerNotices, with_sympathy
from bot.turns.dangers.judge import find_no_danger, with_other_languages
from bot.turns.dangers.judged import is_judged, may_hide_danger, sure_kind
from bot.turns.emergency import Judge, animals_answer, keeping_alarm, stated_danger, told_danger, weighed
from bot.turns.foreign_language import in_another_language, stated_language, translated, wrote_spanish
from bot.turns.greeting import loses_words
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.optout import about_notices
from bot.turns.outcome import Decision, ForPerson, Meanwhile, Turn, WaitNotice
from bot.turns.queue.endangered import EndangeredTurns
from bot.turns.queue.entering import Finishing
from bot.turns.queue.unanswered import kept_choices
from bot.turns.queue.waiting import NO_RULES, WaitingRules, WaitingTurns
from bot.turns.ratings.answers import asking, rated, with_complaint
from bot.turns.ratings.survey import answered
from bot.turns.rights.dialogue import Rights, without_earlier_own, without_own
from bot.turns.rollout import Rollout

REASSURE_EVERY_MS = 5 * 60 * 1000
START = "start"


class Turns:
    """Decides the assistant's replies and changes in response to a message.

    ``wait_notice(handoff, now)`` returns the notice for a citizen who enters the queue; ``waiting`` contains the rules
    for the time until a person claims the ticket. ``accepts_new()`` returns False while there is no disk space for new
    conversations. ``judge(text)`` returns the danger that the classifier recognizes, or None. ``notices`` adds public
    notices. Without ``rollout``, every citizen is answered; without ``rights``, privacy requests are handed off.
    """

    def __init__(
        self,
        *,
        agency: Agency,
        assistant: Assistant,
        wait_notice: WaitNotice,
        rollout: Rollout | None = None,
        waiting: WaitingRules = NO_RULES,
        accepts_new: Callable[[], bool] = lambda: True,
        judge: Judge = find_no_danger,
        notices: NoticeInserter | None = None,
        rights: Rights | None = None,
    ) -> None:
        self._agency = agency
        self._classify, self.judge, self._rights = judge, with_other_languages(judge), rights
        self._danger_notices = DangerNotices(agency)
        self._callbacks = waiting.callbacks
        self._complaints = waiting.complaints
        self._assistant = assistant
        self._rollout = rollout
        self._approval_policy = waiting.approval_policy
        self._accepts_new = accepts_new
        self._notices = notices or NoticeInserter(agency)
        self._waiting_turns = WaitingTurns(agency, assistant, waiting, self._notices.puts_first, rights)
        self._endangered = EndangeredTurns(self._danger_notices, self._waiting_turns, rights, self.judge)
        self._finished = Finishing(agency, wait_notice, self._danger_notices, self._notices, waiting.callbacks).finished

    async def take(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides how to respond; if Rasa fails, with an apology and a handoff.

        May raise redis.RedisError, SQLAlchemyError and OSError.
        """
        message = await weighed(message, self._classify, state.buttons)
        facts = stated_language(message, pressed(message, state.buttons), state) | stated_commune(self._agency, message)
        informed = replace(state, known={**state.known, **facts})
        blocked = await self._rights.blocked(message, informed) if self._rights else None
        if isinstance(blocked, ForPerson):
            blocked = self._welcomed(await self._finished(blocked.turn, message), informed)
        decision = blocked or await self._by_speaker(message, informed)
        decision = self._danger_notices.completed(message, decision, informed)
        decision = without_earlier_own(keeping_alarm(decision, message, informed), informed)
        if message.place and message.text and facts.get(COMMUNE) == ELSEWHERE and state.speaker is Speaker.ASSISTANT:
            decision = decision.led_by(Reply(place_words(self._agency, message.place), author=Author.SYSTEM))
        known = {**decision.change.known, **facts}
        change = replace(decision.change, known=known, wrote_spanish=wrote_spanish(message, state))
        return self._notices.first(replace(decision, change=change), message, state)

    async def _by_speaker(self, message: CitizenMessage, state: ConversationState) -> Decision:
        if chosen := about_notices(message, state, self._agency, self._complaints):
            return chosen
        if state.belongs_to_staff(message):
            return await self._check_danger(await self._with_staff(message, state), message, state)
        if self._callbacks and (revoked := self._callbacks.revoked(message, state)):
            return revoked
        if state.speaker is Speaker.WAITING:
            decision = await self._endangered.decide(message, state)
            is_checked = decision.is_answer and not loses_words(message.text)
            return decision if is_checked else await self._check_danger(decision, message, state)
        return await self._with_assistant(message, state)

    async def _with_assistant(self, message: CitizenMessage, state: ConversationState) -> Decision:
        is_danger = told_danger(message, state.buttons) is not None
        if not is_danger and (decision := await self._before_turn(message, state)):
            return decision
        turn = asking(await self._turn(message, state), message.channel, state, clock.now_ms())
        decision = self._welcomed(await self._decision_on(turn, message, state), state)
        is_settled = decision.change.complaint or any(reply.danger for reply in decision.replies)
        return replace(decision, may_go_on=not_understood(turn.said) and not is_settled)

    async def _before_turn(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides on a rating, on a message that is refused, and on one that ``_own_matter`` handles; else None."""
        if rating := answered(message, state, clock.now_ms()) or rated(message, state):
            return await self._check_danger(Decision(rating.replies, rating.change), message, state)
        if refusal := await self._refusal(message, state):
            return await self._check_danger(Decision((refusal,)), message, state)
        if own := await self._own_matter(message, state):
            return self._welcomed(await self._check_danger(own, message, state), state)
        return None

    async def _own_matter(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides on own data, a complaint (first, if it asks what happened) or only a photo; None for the rest."""
        known, complaints = self._waiting_turns.known_answer, self._complaints
        if complaints and complaints.asks_what(state) and (told := await complaints.decide(message, state, known)):
            return told
        if own := self._rights and await self._rights.decide(message, state, known):
            return own if isinstance(own, Decision) else own.noted_in(await self._finished(own.turn, message))
        return await complaints.decide(message, state, known) if complaints else None

    async def _decision_on(self, turn: Turn, message: CitizenMessage, state: ConversationState) -> Decision:
        if self._rights and turn.handoff and turn.handoff.reason is HandoffReason.PRIVACY_REQUEST:
            return self._rights.menu(turn, message)
        if self._complaints and turn.handoff and turn.handoff.reason is HandoffReason.COMPLAINT:
            return self._complaints.begun(turn, message, state)
        decision = with_complaint(kept_choices(await self._finished(turn, message), state))
        if self._complaints:
            decision = self._complaints.noted(decision, message, state)
        return await self._approval_policy.hold(decision, message) if self._approval_policy else decision

    async def _refusal(self, message: CitizenMessage, state: ConversationState) -> Reply | None:
        """Returns the notice to send instead of an answer; None if the assistant answers the message.

        The roll-out excludes the citizen, the access code admits them, or the disk is too full for a new conversation.
        """
        if not state.welcomed and not self._accepts_new():
            return translated(self._agency, "sin_espacio", telefono=self._agency.phone)
        if self._rollout is None:
            return None
        if await self._rollout.admit_with_code(message.conversation, message.text):
            return Reply(self._agency.say("canal_prueba"), author=Author.SYSTEM, trial=True)
        if await self._rollout.admits(message.conversation, message.channel):
            return None
        return translated(self._agency, "canal_cerrado", telefono=self._agency.phone)

    async def _with_staff(self, message: CitizenMessage, state: ConversationState) -> Decision:
        if kind := stated_danger(message, state.buttons):
            return self._danger_notices.escalated(kind)
        if message.button == NO_EMERGENCY_ID and (kind := state.emergency()):
            return self._danger_notices.denied(kind, state)
        if state.speaker is Speaker.STAFF and (own := self._rights and await self._rights.beside(message, state)):
            return own
        if message.button is None:
            return Decision(change=without_own(state))
        return Decision((translated(self._agency, "opcion_con_persona"),))

    async def _check_danger(self, decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision, changed if the classifier finds a danger in a text without an emergency phrase.

        A possible danger adds the emergency number, except to an address that answers where something happened. A
        confirmed danger replaces the decision as an emergency phrase does. The title of an offered button is not
        judged: «Saltar» resembles a farewell.
        """
        if is_press(message, state.buttons) or any(one.danger for one in decision.replies):
            return decision
        if not (danger := await self.judge(message.text)):
            return decision
        if danger.sure:
            return await self._as_emergency(danger.kind, message, state)
        if self._complaints and self._complaints.gives_place(message, state):
            return decision  # the classifier takes some addresses for a possible danger
        return self._danger_notices.over(danger.kind, decision, state)

    async def _as_emergency(self, kind: str, message: CitizenMessage, state: ConversationState) -> Decision:
        if state.speaker is Speaker.ASSISTANT and not state.belongs_to_staff(message):
            return self._welcomed(await self._finished(self._emergency(kind, message, state)), state)
        if state.speaker is Speaker.WAITING:
            return self._danger_notices.raised(kind, state, message.text)
        return self._danger_notices.escalated(kind)

    async def _turn(self, message: CitizenMessage, state: ConversationState) -> Turn:
        """Returns the assistant's turn; instead of an emergency, repeats the answer that ``animals_answer`` finds."""
        turn = await self._unrepeated(message, state)
        if (kind := sure_kind(turn)) and (again := animals_answer(kind, message, state)):
            return self._danger_notices.beside_answer(kind, await self._ask(message, again, state))
        return with_sympathy(turn, message.text, self._agency)

    async def _unrepeated(self, message: CitizenMessage, state: ConversationState) -> Turn:
        if kind := told_danger(message, state.buttons):
            return self._emergency(kind, message, state)
        if message.command == START:
            return Turn((Reply(self._agency.say("bienvenida")),)) if state.welcomed else Turn()
        button = pressed(message, state.buttons) or chosen_earlier(message, state.dialogue)
        team = self._team_for(message.channel, state.known)
        if foreign := in_another_language(self._agency, message, button, state, team):
            return self._danger_notices.over_another_language(message, foreign)
        local = said_without_rasa(self._agency, message, button, state.buttons)
        if local is not None:
            return Turn((local,))
        turn = await self._ask(message, button, state)
        if not button and turn.knows_nothing and (hours := await self._waiting_turns.hours(message.text)):
            return replace(turn, replies=(Reply(hours),), handoff=None)
        return turn if button else await self._check_turn(turn, message, state)

    async def _check_turn(self, turn: Turn, message: CitizenMessage, state: ConversationState) -> Turn:
        """Returns the turn, changed if the text may be dangerous and was not wholly judged yet."""
        is_checked = is_judged(turn, message.text)
        if is_checked and not may_hide_danger(turn, message.text):
            return turn
        danger = await self.judge(message.text)
        if danger and danger.sure:
            return self._emergency(danger.kind, message, state)
        return turn if is_checked or danger is None else self._danger_notices.over_small_talk(danger.kind, turn)

    def _emergency(self, kind: str, message: CitizenMessage, state: ConversationState) -> Turn:
        return self._danger_notices.handed_off(kind, self._team_for(message.channel, state.known))

    async def _ask(self, message: CitizenMessage, button: Button | None, state: ConversationState) -> Turn:
        try:
            return await self._assistant.turn(message, button, state)
        except (RasaUnavailable, RasaSilent) as error:
            count_rasa_failure(error)
            log.warning(
                "turn: rasa failed", conversation=message.conversation, error=type(error).__name__, **error.facts
            )
            return self.sorry(message.channel, state.known)

    async def failed(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns an apology and a handoff after an internal error, no handoff if blocked; or an emergency, if told."""
        kind = silenced = None
        with suppress(Exception):  # the search for dangers may be what failed
            kind = told_danger(message, state.buttons)
            silenced = await self._rights.silenced(kind, message, state) if kind and self._rights else None
        if silenced:
            return silenced
        if kind:
            return await self._as_emergency(kind, message, state)
        if state.speaker is not Speaker.ASSISTANT:
            return Decision()
        if barred := self._rights and await self._rights.barred(message, state):
            return barred
        return self._welcomed(await self._finished(self.sorry(state.channel, state.known)), state)

    def meanwhile(self, message: CitizenMessage, state: ConversationState) -> Meanwhile:
        """Returns the notice for a citizen whose ticket cannot be opened yet because PostgreSQL is unreachable."""
        known = stated_language(message, pressed(message, state.buttons), state)
        kind, notice = told_danger(message, state.buttons), translated(self._agency, "sin_registro")
        replies = (self._danger_notices.sure(kind), notice) if kind else (notice,)
        return Meanwhile(replies, 0 if kind else REASSURE_EVERY_MS, known)

    def sorry(self, channel: Channel | None, known: Mapping[str, str]) -> Turn:
        """Returns the apology and handoff after a failure; ``channel`` and ``known`` decide the team."""
        apology = Reply(self._agency.say("error_asistente"))
        return Turn((apology,), Handoff(HandoffReason.ASSISTANT_ERROR, Priority.HIGH, self._team_for(channel, known)))

    def _team_for(self, channel: Channel | None, known: Mapping[str, str]) -> str:
        """Returns the team for a handoff that was decided without Rasa."""
        return self._agency.desk.team_for(self._agency.default_team, {CHANNEL: channel or "", **known})

    def _welcomed(self, decision: Decision, state: ConversationState) -> Decision:
        if state.welcomed or decision.change.welcomed:
            return decision
        change = replace(decision.change, welcomed=True)
        return replace(decision.led_by(Reply(self._agency.say("bienvenida"))), change=change)
