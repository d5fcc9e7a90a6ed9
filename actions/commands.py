"""Defines the steps for commands and small talk: handoffs to a person, and replies to insults, thanks and the like.

The worker opens the ticket of a handoff when it commits the reply, and adds the queue position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import audience_of
from actions.faq import Faq
from actions.history import fell_back_before, has_helped
from actions.replies.menu import about_subjects, menu
from actions.step import Domain, Events, Step
from actions.tracker import TrackerEvent, events_of
from bot.agency.model import Agency
from bot.core.messages import Button, Handoff, HandoffReason, Priority
from bot.core.payload import Payload
from bot.faq.entries.audience import CHANNEL

PREFIX = "action_"
NO_REPLY = Payload()
BAD_OPINION = "utter_feedback_bad"
# Small talk that is answered by the response utter_<name> of domain.yml.
SAID = ("thank", "goodbye", "bot_identity", "feedback_good")


@dataclass(frozen=True)
class AskForPerson:
    """Hands off to a person, after sending a response of domain.yml unless ``response`` is ''.

    ``values`` fill the response's ``{names}``.
    """

    name: str
    response: str
    handoff: Handoff
    values: dict[str, str] = field(default_factory=dict)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        payload = Payload(handoff=self.handoff).to_data()
        dispatcher.utter_message(response=self.response or None, json_message=payload, **self.values)
        return []


def person_actions(agency: Agency) -> tuple[AskForPerson, ...]:
    """Returns the actions that always hand off to a person."""
    team = agency.default_team
    privacy = Handoff(HandoffReason.PRIVACY_REQUEST, team=team)
    notice = {"privacy_url": agency.privacy_url}
    return (
        # Without a response, since the handoff's notice is enough.
        AskForPerson("action_ask_human", "", Handoff(HandoffReason.ASKED_HUMAN, team=team)),
        AskForPerson("action_complaint", "utter_complaint", Handoff(HandoffReason.COMPLAINT, Priority.HIGH, team=team)),
        AskForPerson("action_feedback_bad", BAD_OPINION, Handoff(HandoffReason.NEGATIVE_FEEDBACK, team=team)),
        AskForPerson("action_my_data", "utter_my_data", privacy, notice),
        AskForPerson("action_delete_my_data", "utter_delete_my_data", privacy, notice),
    )


@dataclass(frozen=True)
class Fallback:
    """Sends a response of domain.yml or ``reply``, or hands off if the previous message also got a fallback.

    A fallback is recognized by ``missed`` in its payload.
    """

    name: str
    response: str
    team: str
    reply: Payload = NO_REPLY

    def said(self, events: Sequence[TrackerEvent]) -> tuple[Payload, ...]:
        """Returns the reply that ``run`` sends; () if its text is a response of domain.yml, which only Rasa has."""
        return () if self.response or fell_back_before(events) else (replace(self.reply, missed=True),)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        if fell_back_before(events_of(tracker)):
            handoff = Handoff(HandoffReason.LOW_CONFIDENCE, team=self.team)
            dispatcher.utter_message(response="utter_missed_again", json_message=Payload(handoff=handoff).to_data())
        else:
            reply = replace(self.reply, missed=True)
            dispatcher.utter_message(response=self.response or None, json_message=reply.to_data())
        return []


def out_of_scope(agency: Agency) -> Fallback:
    """Returns the fallback for chitchat."""
    return Fallback("action_out_of_scope", "", agency.default_team, about_subjects(agency, "de_eso_no"))


def not_known(agency: Agency) -> Fallback:
    """Returns the fallback for apparent chitchat that may be about the agency's subjects; the reply offers a person."""
    reply = Payload(agency.say("no_se"), (Button(agency.say("boton_persona"), "/ask_human"),))
    return Fallback("action_out_of_scope", "", agency.default_team, reply)


def not_that(agency: Agency) -> Fallback:
    """Returns the fallback for who says that an answer was not what they asked; the reply offers a person."""
    reply = Payload(agency.say("no_era_eso"), (Button(agency.say("boton_persona"), "/ask_human"),), denied=True)
    return Fallback("action_deny", "", agency.default_team, reply)


def go_on(agency: Agency) -> Fallback:
    """Returns the fallback for an unfinished message that no entry answers; the reply asks for the rest."""
    reply = Payload(agency.say("sigue_contando"), (Button(agency.say("boton_persona"), "/ask_human"),))
    return Fallback("action_out_of_scope", "", agency.default_team, reply)


@dataclass(frozen=True)
class OnceHelped:
    """Runs ``step``; if the session has nothing yet that could have been useless, runs ``otherwise`` instead."""

    step: Step
    otherwise: Step

    @property
    def name(self) -> str:
        return self.step.name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        step = self.step if has_helped(events_of(tracker)) else self.otherwise
        return await step.run(dispatcher, tracker, domain)


def displeased_actions(agency: Agency) -> tuple[Step, ...]:
    """Returns the action for insults, and those of ``person_actions``.

    A bad opinion at the start of a session («esto no sirve para nada») is no opinion on an answer: it gets the reply to
    an insult, which asks what the citizen needs, and offers a person.
    """
    rude = insult(agency.default_team)
    steps = (OnceHelped(one, rude) if one.response == BAD_OPINION else one for one in person_actions(agency))
    return (rude, *steps)


def insult(team: str) -> Fallback:
    """Returns the fallback for insults."""
    return Fallback("action_insult", "utter_insult", team)


@dataclass(frozen=True)
class Utter:
    """A step that sends the response ``name`` of domain.yml, as Rasa does when it recognizes the intent itself."""

    name: str

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(response=self.name)
        return []


@dataclass(frozen=True)
class Capabilities:
    """Says what can be asked."""

    agency: Agency
    name: str = "action_capabilities"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(json_message=about_subjects(self.agency, "que_respondo").to_data())
        return []


@dataclass(frozen=True)
class Menu:
    """Shows some of the agency's questions, none that is only for another channel."""

    agency: Agency
    faq: Faq
    today: Callable[[], date]
    name: str = "action_help_menu"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        here = audience_of(tracker, self.agency).get(CHANNEL, "")
        served = [one for one in self.faq.answerer.entries if here in one.audience.get(CHANNEL, (here,))]
        reply = menu(self.agency, served, self.today())
        dispatcher.utter_message(json_message=reply.to_data())
        return []


def steps_of_commands(agency: Agency) -> dict[str, Step]:
    """Maps the intent of each command to its step.

    The step is the action or response that data/rules gives the intent.
    """
    acting: tuple[Step, ...] = (Capabilities(agency), *displeased_actions(agency))
    return {step.name.removeprefix(PREFIX): step for step in acting} | {name: Utter(f"utter_{name}") for name in SAID}
