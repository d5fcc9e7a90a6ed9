"""Builds the replies to dangers.

Emergency phrases (bot/crisis) are searched first. The danger classifier recognizes more, but runs in the action server,
which ``DangerJudge`` (dangers/judge.py) asks. If the classifier gives the text a low score, a phrase only shows the
number (``weighed``).
"""

from __future__ import annotations

from dataclasses import replace

from bot.agency.desk_settings import LANGUAGE
from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core import clock
from bot.core.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Priority, RecognizedDanger, Reply
from bot.core.texts import say
from bot.crisis.emergency import confirmation, cries_for_help, danger_word, foreign_danger, kind_of_others
from bot.crisis.overheard import BY_SOMEBODY, cannot_speak, is_overheard, lacks_credit
from bot.text.mourning import mourns
from bot.text.translations import before_spanish, in_other_languages, titles
from bot.turns.buttons import ASK_HUMAN, NO_EMERGENCY, NO_EMERGENCY_ID, with_ids
from bot.turns.dangers.judge import GENERAL
from bot.turns.dangers.judged import is_from_answerer
from bot.turns.emergency import Doubted
from bot.turns.foreign_language import translated
from bot.turns.outcome import Decision, Turn

# Minimum interval between two notices about a possible danger of one kind. It only prevents that messages in quick
# succession get the same notice: a later message may be about another danger of that kind.
NOTICE_EVERY_MS = 3 * 60 * 1000
OVERHEARD = "violencia"  # the likeliest danger if a citizen cannot speak because somebody listens
NO_ANSWER = Decision()


def with_sympathy(turn: Turn, text: str, agency: Agency) -> Turn:
    """Returns the turn with sympathy instead of small talk, if the text tells of a death; but above no danger."""
    if not mourns(text) or any(one.danger for one in turn.replies):
        return turn
    chats = _is_small_talk(turn) and not any(one.above or one.quotes or one.missed for one in turn.said)
    kept = replace(turn, replies=(Reply(agency.say("sigue_contando")),)) if chats else turn
    return kept.led_by(Reply(agency.say("condolencia")))


def _is_small_talk(turn: Turn) -> bool:
    return not (turn.handoff or is_from_answerer(turn) or any(one.notice for one in turn.replies))


class DangerNotices:
    """A builder of replies to dangers, with the agency's texts."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency

    def sure(self, kind: str, author: Author = Author.ASSISTANT) -> Reply:
        """Returns the reply with the emergency number for this kind of danger, or for GENERAL if it is unknown."""
        known = kind if kind in self._agency.emergencies else GENERAL
        text = self._agency.emergency_reply(known)
        translations = before_spanish("peligro", text, numeros=self._numbers(known))
        return Reply(text, author=author, danger=RecognizedDanger(known, sure=True), translations=translations)

    def handed_off(self, kind: str, team: str) -> Turn:
        """Returns the turn for a citizen with the assistant: the emergency number, and a handoff of top priority."""
        return Turn((self.sure(kind),), Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, team))

    def escalated(self, kind: str) -> Decision:
        """Returns the decision for a citizen who waits or has an agent: the emergency number, and top priority."""
        return Decision((self.sure(kind, Author.SYSTEM),), Change(escalate_to=Priority.EMERGENCY))

    def raised(self, kind: str, state: ConversationState, words: str = "") -> Decision:
        """Returns the decision for a waiting citizen who wrote ``words``: that of ``escalated``, plus ``question``.

        Asks the question only once, but always explains what to do without a call to a citizen who cannot call.
        """
        decision = self.escalated(kind)
        if state.emergency() and not cannot_speak(words):
            return decision
        return _beside(decision.followed_by(self.question(kind, words)), state)

    def question(self, kind: str, words: str = "") -> Reply:
        """Returns the reply after the emergency number: it asks whether the citizen has called, and is safe.

        If ``words`` say that the citizen cannot call, the reply explains instead what they can do without a call.
        """
        if cannot_speak(words):
            return self._numbered("emergencia_sin_hablar", kind)
        key = "emergencia_pregunta"
        return Reply(self._agency.say(key), (self._way_back(),), translations=in_other_languages(key))

    def reminded(self, kind: str, decision: Decision, state: ConversationState, words: str) -> Decision:
        """Returns the decision plus a reminder of the numbers, for a citizen who keeps writing while waiting."""
        key = "emergencia_sin_hablar" if cannot_speak(words) else "emergencia_sigue"
        reminder = self._numbered(key, kind, *state.emergencies())
        return _beside(decision.followed_by(reminder), state)

    def above(self, kind: str, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision with the reminder as its first reply, so that buttons such as a menu stay at the end."""
        return _beside(decision.led_by(self._numbered("emergencia_sigue", kind, *state.emergencies())), state)

    def denied(self, kind: str, state: ConversationState, answer: Decision = NO_ANSWER) -> Decision:
        """Returns the decision for a citizen who says that there is no emergency of this kind.

        The numbers are not repeated from now on. The ticket keeps its priority, and the desk shows the denial. Ends
        with ``answer``, to the message that opened the emergency, which is forgotten.
        """
        key, danger = "emergencia_no", RecognizedDanger(kind, sure=True, denied=True)
        text, translations = self._agency.say(key), in_other_languages(key)
        reply = Reply(text, (self._confirm(kind),), author=Author.SYSTEM, danger=danger, translations=translations)
        dialogue = answer.change.dialogue or state.dialogue
        kept = replace(dialogue, alarm="") if dialogue.alarm else answer.change.dialogue
        known = replace(answer.change, noticed_at=clock.now_ms(), rest_announced=True, dialogue=kept)
        return _beside(replace(answer.led_by(reply), change=known), without_way_back(state))

    def stays(self) -> Decision:
        """Returns the decision for a citizen who denied an emergency and wrote «volver»: only an agent ends it."""
        return Decision((translated(self._agency, "emergencia_no_vuelve"),))

    def _way_back(self) -> Button:
        key = "sin_emergencia"
        return Button(self._agency.say(f"boton_{key}"), NO_EMERGENCY, titles=titles(key))

    def _confirm(self, kind: str) -> Button:
        return Button(self._agency.say("boton_emergencia"), confirmation(kind), titles=titles("emergencia"))

    def _numbered(self, key: str, kind: str, *others: str) -> Reply:
        """Returns a reply with the text ``key``, the numbers for these kinds, and the button «no es una emergencia»."""
        numbers = tuple(dict.fromkeys(number for one in (kind, *others) for number in self._numbers(one)))
        text = self._agency.say(key, numeros=say("desk.peligros.o").join(numbers))
        danger = RecognizedDanger(kind, sure=True)
        return Reply(text, (self._way_back(),), danger=danger, translations=in_other_languages(key, numeros=numbers))

    def possible(self, kind: str, *more: Button, author: Author = Author.ASSISTANT) -> Reply:
        """Returns a reply with the emergency number, a button that confirms the danger, and the buttons ``more``."""
        danger, text = RecognizedDanger(kind, sure=False), self._agency.emergency_notice(kind)
        translations = before_spanish("peligro_posible", text, numeros=self._numbers(kind))
        return Reply(text, (self._confirm(kind), *more), author=author, danger=danger, translations=translations)

    def _numbers(self, kind: str) -> tuple[str, ...]:
        """Returns the numbers to call for this kind of danger, in bold."""
        numbers = self._agency.emergency_numbers(kind) or self._agency.emergency_numbers(GENERAL)
        return tuple(f"**{number}**" for number in numbers)

    def over_small_talk(self, kind: str, turn: Turn) -> Turn:
        """Returns the turn with the reply about a possible danger, which replaces small talk and precedes all else."""
        if not _is_small_talk(turn):
            return turn.led_by(self.possible(kind))
        person = Button(self._agency.say("boton_persona"), ASK_HUMAN, titles=titles("persona"))
        return replace(turn, replies=(self.possible(kind, person),))

    def beside_answer(self, kind: str, turn: Turn) -> Turn:
        """Returns the turn that repeats an answer about an animal, below the reply about a person's possible danger."""
        return turn.led_by(self.possible(kind, Button(self._agency.say("boton_persona"), ASK_HUMAN)))

    def over_another_language(self, message: CitizenMessage, turn: Turn) -> Turn:
        """Returns the turn for a message in another language, preceded by the reply about a possible danger."""
        if message.button is not None:
            return turn
        abroad = foreign_danger(message.text)
        kind = abroad.kind if abroad else GENERAL if cries_for_help(message.text) else ""
        return turn.led_by(self.possible(kind)) if kind else turn

    def completed(self, message: CitizenMessage, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision with what its replies to dangers lack, whoever decided on the message."""
        decision = self.over_doubted(message, decision, state)
        decision = self.over_word(message, decision, state)
        return self.without_call(message, self.of_others(message, decision, state), state)

    def over_doubted(self, message: CitizenMessage, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision; adds the reply about a possible danger for a Doubted message, if it is missing.

        It is missing if the code that decided on the message did not ask the classifier, or if the classifier has
        failed since. The numbers for an emergency of another kind do not replace the reply.
        """
        told = [reply.danger for reply in decision.replies if reply.danger]
        if not isinstance(message, Doubted) or any(not one.sure or one.kind == message.danger.kind for one in told):
            return decision
        return self.over(message.danger.kind, decision, state)

    def over_word(self, message: CitizenMessage, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision; adds the reply about a possible danger that one word of another language names."""
        if message.button is not None or any(one.danger for one in decision.replies):
            return decision
        kind = danger_word(message.text, state.known.get(LANGUAGE, ""))
        return self.over(kind, decision, state) if kind else decision

    def of_others(self, message: CitizenMessage, decision: Decision, state: ConversationState) -> Decision:
        """Adds the numbers for the other person, if the message tells of violence against a child and an adult.

        The added reply comes after the reply about the first danger; it has no buttons if the danger is only possible.
        """
        told = [(at, one.danger) for at, one in enumerate(decision.replies) if one.danger and not one.danger.denied]
        found = next(((at, one, kind) for at, one in told if (kind := kind_of_others(one.kind, message.text))), None)
        if message.button is not None or found is None:
            return decision
        at, danger, kind = found
        if kind in {*state.emergencies(), *(one.kind for _, one in told)}:
            return decision
        if not danger.sure and warned_lately(kind, state):
            return decision
        reply = self.sure(kind) if danger.sure else replace(self.possible(kind), buttons=())
        others = (replace(reply, author=decision.replies[at].author),)
        return replace(decision, replies=(*decision.replies[: at + 1], *others, *decision.replies[at + 1 :]))

    def without_call(self, message: CitizenMessage, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision; for a citizen who cannot call, its replies to dangers say what helps without a call.

        If somebody who may do harm listens, adds such a reply even if the message describes no danger. Changes nothing
        for a citizen who only lacks credit, since emergency calls are free.
        """
        if message.button is not None or not cannot_speak(message.text) or lacks_credit(message.text):
            return decision
        if is_overheard(message.text) and not state.emergency() and not any(one.danger for one in decision.replies):
            decision = self.over(OVERHEARD if OVERHEARD in self._agency.emergencies else GENERAL, decision, state)
        return replace(decision, replies=tuple(map(self._silent, decision.replies)))

    def _silent(self, reply: Reply) -> Reply:
        """Replaces the text of a reply to a kind of danger by the agency's text for citizens who cannot call.

        Kinds in BY_SOMEBODY for which the agency has no such text get a default text; other replies stay unchanged.
        """
        kind = reply.danger.kind if reply.danger and not reply.danger.denied else ""
        usual = (self._agency.emergency_reply(kind), self._agency.emergency_notice(kind))
        silent = self._agency.emergency_silent.get(kind)
        if not silent and kind in BY_SOMEBODY:
            silent = self._agency.say("emergencia_sin_llamar", numeros=say("desk.peligros.o").join(self._numbers(kind)))
        return replace(reply, text=silent, translations={}) if silent and reply.text in usual else reply

    def over(self, kind: str, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision with the reply about a possible danger first, unless the citizen recently got it.

        Earlier buttons stay valid; ``_beside`` states the order of the buttons.
        """
        if warned_lately(kind, state):
            return decision
        return _beside(decision.led_by(self.possible(kind, author=Author.SYSTEM)), state)


def without_way_back(state: ConversationState) -> ConversationState:
    """Returns the state without the button that says that there is no emergency."""
    return replace(state, buttons=tuple(one for one in state.buttons if one.id != NO_EMERGENCY_ID))


def _beside(decision: Decision, state: ConversationState) -> Decision:
    """Returns the decision with ids for the buttons that lack them, which are those of its replies about a danger.

    These buttons become valid after the buttons that ``decision`` sets or, if it sets none, before the earlier ones,
    which stay valid.
    """
    change = decision.change
    replies = tuple(
        one if all(button.id for button in one.buttons) else with_ids((one,))[0] for one in decision.replies
    )
    new = (
        button for one, before in zip(replies, decision.replies, strict=True) if one != before for button in one.buttons
    )
    added = tuple(dict.fromkeys(new))
    shown, earlier = ((), state.buttons) if change.buttons is None else (change.buttons, ())
    rest = tuple(one for one in earlier if one.id not in {button.id for button in added})
    return replace(decision, replies=replies, change=replace(change, buttons=(*shown, *added, *rest)))


def warned_lately(kind: str, state: ConversationState) -> bool:
    """Returns whether the citizen got the number for this kind of danger within the last NOTICE_EVERY_MS ms.

    A number that they got before they denied the danger does not count.
    """
    now_ms = clock.now_ms()
    return any(one.kind == kind and max(now_ms - NOTICE_EVERY_MS, one.denied) < one.at for one in state.dangers)
