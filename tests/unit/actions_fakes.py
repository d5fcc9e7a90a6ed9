"""Provides a tiny FAQ and runs a turn as rasa-sdk would, for the tests of the actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_faq import AnswerFaq
from actions.commands import Fallback, out_of_scope
from actions.replies.answers import FaqReplies
from actions.step import Step
from bot.core.messages import Candidate, Source
from bot.core.payload import KEY
from bot.faq.answering.context import Context
from bot.faq.answering.left_out import Test
from bot.faq.publishing.effect import Effect, Origin
from bot.faq.publishing.reach import Found, Reach, Reached
from bot.faq.publishing.trials import Written
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger
from bot.faq.words.keywords import NO_SUBJECTS, Subjects
from bot.text.phrases import Phrases

TODAY = date(2026, 11, 24)
PAGE = Source("Municipalidad", "https://losaromos.example/baches")
DOMAIN: dict[str, Any] = {}


@dataclass(frozen=True)
class FakeEntry:
    id: str = "bache"
    question: str = "¿Cómo aviso de un hoyo?"
    topic: str = "calle"
    team: str = "obras"
    source: Source = PAGE
    responsible: str = "Dirección de Obras"
    reviewed: date = date(2026, 10, 1)
    expires: date | None = None
    body: str = "Avisa **aquí**.\n\nEs gratis."
    version: str = "abc123def456"
    audience: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class FakeMatter:
    name: str = "divorcio"
    title: str = "Divorcio"
    scope: str = "nacional"
    body: str = "Tribunales de Familia"
    url: str = "https://www.pjud.cl/"
    emergency: str = ""

    @property
    def is_agencys(self) -> bool:
        return self.scope == "municipal"


@dataclass(frozen=True)
class FakeAsk:
    entry: str = "bache"
    dimension: str = "segmento"
    options: tuple[str, ...] = ("estudiante",)


@dataclass(frozen=True)
class FakeDecision:
    kind: str
    candidates: tuple[Candidate, ...] = ()
    entry: FakeEntry | None = None
    also: FakeEntry | None = None
    also_variants: tuple[FakeEntry, ...] = ()
    out_of_scope_topic: FakeMatter | None = None
    asks: FakeAsk | None = None
    follows: bool = False
    danger: Danger | None = None
    variants: tuple[FakeEntry, ...] = ()
    command: Command | None = None
    beside: Candidate | None = None
    unanswered: str | None = None


@dataclass
class FakeAnswerer:
    """An answerer that always returns ``decision``, or ``choice`` for a click, and records its arguments."""

    decision: FakeDecision
    entries: tuple[FakeEntry, ...] = (FakeEntry(),)
    subjects: Subjects = NO_SUBJECTS
    asked: tuple[str, date] | None = None
    context: Context | None = None
    choice: FakeDecision | None = None

    def answer(self, text: str, *, today: date, context: Context) -> FakeDecision:
        self.asked, self.context = (text, today), context
        return self.decision

    def chosen(self, id: str, *, today: date, context: Context) -> FakeDecision | None:
        self.context = context
        found = next((entry for entry in self.entries if entry.id == id), None)
        if found is None:
            return None
        return self.choice or FakeDecision("answer", (Candidate(id, found.question, 1.0),), found)


@dataclass
class FakeFaq:
    answerer: FakeAnswerer

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    @property
    def trials(self) -> FakeTrials:
        return FakeTrials()


class FakeTrials:
    """Returns its arguments as the results of trials; a text without content has an error."""

    def compared(self, text: str, written: Written) -> tuple[list[str], list[str] | None]:
        return [f"before: {text}"], [f"{written.name}: {text}"] if written.content else None

    def effect(self, written: Sequence[Written], asked: Sequence[str]) -> Effect | None:
        return Effect((), {Origin.ASKED: len(asked)}) if all(one.content for one in written) else None

    def reach(self, written: Written, asked: Sequence[str]) -> Found | None:
        rows = tuple(Reach(one, False, Reached.OTHER, written.name) for one in asked)
        return Found(rows, 1, is_expired=False) if written.content else None

    def answered(self, tests: Sequence[Test]) -> list[str]:
        return [one.entry if "hoyo" in one.text else "" for one in tests]


def answering_faq(
    replies: FaqReplies,
    answerer: FakeAnswerer,
    *,
    no_question: Fallback | None = None,
    commands: Mapping[str, Step] | None = None,
    small_talk: Iterable[str] = (),
) -> AnswerFaq:
    """Builds the action for questions with a fake answerer; today's date is TODAY."""
    step, talk = no_question or out_of_scope(replies.agency), Phrases(small_talk)
    faq, more = FakeFaq(answerer), commands or {}
    return AnswerFaq(faq, replies, lambda: TODAY, out_of_scope=step, commands=more, small_talk=talk)


def candidates(*ids: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(id, f"¿Cómo hago {id}?", 0.4) for id in ids)


def heard(
    text: str,
    *,
    entities: tuple[dict[str, Any], ...] = (),
    before: tuple[dict[str, Any], ...] = (),
    channel: str = "web",
    intent: str = "ask_faq",
    comuna: str = "",
    resumed: str | None = None,
    language: str = "",
) -> Tracker:
    """Builds a tracker whose newest message is ``text``; ``before`` contains the earlier events."""
    user_attributes = (("channel", channel), ("comuna", comuna), ("idioma", language))
    metadata = {name: value for name, value in user_attributes if value} | (
        {} if resumed is None else {"resumed": resumed}
    )
    message = {"text": text, "entities": list(entities), "metadata": metadata}
    parsed = {"intent": {"name": intent}, "entities": list(entities)}
    user = {"event": "user", "text": text, "parse_data": parsed, "metadata": metadata}
    events = [*before, {"event": "action", "name": "action_listen"}, user]
    return Tracker("c", {}, message, events, False, None, {}, "action_listen")


def said(json_message: dict[str, Any]) -> dict[str, Any]:
    """Builds the event that Rasa stores for an action's message."""
    return {"event": "bot", "text": None, "data": {"custom": json_message}}


async def turn(action: Step, tracker: Tracker) -> list[dict[str, Any]]:
    """Runs the action and returns its messages: ``response`` and our payload of each, without empty parts."""
    dispatcher = CollectingDispatcher()
    assert await action.run(dispatcher, tracker, DOMAIN) == []
    return [_spoken(message) for message in dispatcher.messages]


def _spoken(message: dict[str, Any]) -> dict[str, Any]:
    parts = {"response": message["response"], **message["custom"].get(KEY, {})}
    return {name: part for name, part in parts.items() if part}
