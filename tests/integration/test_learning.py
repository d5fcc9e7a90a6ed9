"""Tests that citizens' choices and ratings are read from the record, and stored as experience."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from actions.replies.buttons import ASK_HUMAN
from bot.core.event_facts import MessageFacts
from bot.core.messages import NONE_OF_THESE, Author, Button, Candidate, Provenance, Reply
from bot.core.payload import Payload
from bot.faq.answering.experience import COMPLAINTS, Verdict, read_experience
from bot.learning.experience import TERM, update_experience
from bot.learning.offers import offers_since
from bot.learning.verdicts import verdicts_since
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message
from bot.record.tables.ratings import AnswerRating
from tests.integration.recorded import NOW, ticket

CHOICES = (("Un hoyo", "bache", "first"), ("Un árbol", "poda", "second"))
OFFERED = (Candidate("bache", "¿Un hoyo?", 0.6), Candidate("poda", "¿Un árbol?", 0.3))
BUTTONS = (
    *(Button(title, f'/choose_entry{{"entry": "{id}"}}', name) for title, id, name in CHOICES),
    Button("Ninguna", NONE_OF_THESE, "none"),
    Button("Hablar con una persona", ASK_HUMAN, "person"),
)
LONG_AGO = NOW - TERM


def offer() -> dict[str, Any]:
    """Returns the recorded data of an offer, created as the bot creates it."""
    reply = Payload("¿Cuál de estas?", buttons=BUTTONS, candidates=OFFERED).reply
    assert reply is not None
    return MessageFacts.of_reply(reply).to_data()


def answer(confidence: float, rating_id: str) -> dict[str, Any]:
    proof = Provenance("bache", "v1", "¿Un hoyo?", confidence)
    return MessageFacts.of_reply(Reply("Avisa aquí.", provenance=proof, rating_id=rating_id)).to_data()


async def write(sessions: Sessions, name: str, *messages: tuple[Author, dict[str, Any]]) -> None:
    async with sessions.begin() as session:
        times = {"started_at": NOW, "last_at": NOW, "processed_up_to": NOW}  # nothing is left to answer
        await session.execute(insert(Conversation).values(id=name, channel="web", **times))
        for number, (author, data) in enumerate(messages, 9):  # two numbers of digits: sorted as numbers
            row = {"conversation_id": name, "event_id": f"{number}-0", "at": NOW, "author": author.value, "text": "x"}
            await session.execute(insert(Message).values(**row, data=data))


async def opine(sessions: Sessions, name: str, rating_id: str, *, useful: bool, reason: str = "") -> None:
    row = {"conversation_id": name, "answer": rating_id, "at": NOW, "entry": "bache", "version": "v1"}
    async with sessions.begin() as session:
        await session.execute(insert(AnswerRating).values(**row, useful=useful, reason=reason))


@pytest.mark.parametrize(("pressed", "right"), [("first", True), ("second", False), ("none", False)])
async def test_choice_is_a_verdict_on_the_likeliest_entry(database: Sessions, pressed: str, right: bool) -> None:
    citizen = (Author.CITIZEN, {})
    chosen, later = (Author.CITIZEN, {"button": pressed}), (Author.CITIZEN, {"button": "other"})
    await write(database, "one", citizen, (Author.ASSISTANT, offer()), chosen, later)
    assert await verdicts_since(database, LONG_AGO) == [Verdict.of_choice(0.6, right=right)]


@pytest.mark.parametrize("reaction", [{}, {"button": "of-another-offer"}])
async def test_offer_that_is_passed_over_is_no_verdict(database: Sessions, reaction: dict[str, Any]) -> None:
    chosen_too_late = (Author.CITIZEN, {"button": "first"})
    await write(database, "one", (Author.ASSISTANT, offer()), (Author.CITIZEN, reaction), chosen_too_late)
    await write(database, "two", (Author.ASSISTANT, offer()))
    assert await verdicts_since(database, LONG_AGO) == []


async def test_choice_records_the_chosen_entry_or_that_it_was_none(database: Sessions) -> None:
    offered = (Author.ASSISTANT, offer())
    await write(database, "one", offered, (Author.CITIZEN, {"button": "second"}))
    await write(database, "two", offered, (Author.CITIZEN, {"button": "none"}))
    await write(database, "three", offered, (Author.CITIZEN, {"button": "person"}))  # says nothing about the entries
    found = await offers_since(database, LONG_AGO)
    assert {one.chosen for one in found} == {OFFERED[1], None}
    assert [one.offered for one in found] == [OFFERED, OFFERED]


async def test_answer_counts_and_only_that_it_was_not_it_is_a_mistake(database: Sessions) -> None:
    for number, reason in enumerate(("other", "missing", "unclear", "wrong")):
        await write(database, str(number), (Author.ASSISTANT, answer(0.9, f"r{number}")))
        await opine(database, str(number), f"r{number}", useful=False, reason=reason)
    await write(database, "useful", (Author.ASSISTANT, answer(0.9, "good")))
    await opine(database, "useful", "good", useful=True)
    await write(database, "silent", (Author.ASSISTANT, answer(0.9, "nothing said")))
    await write(database, "chosen", (Author.ASSISTANT, answer(1.0, "the citizen chose it")))
    found = sorted(await verdicts_since(database, LONG_AGO), key=lambda one: -one.mistakes)
    assert [one.mistakes for one in found] == [1 / COMPLAINTS, 0, 0, 0, 0, 0]


def sent(entry: str) -> tuple[Author, dict[str, Any]]:
    return Author.STAFF, MessageFacts.of_reply(Reply("Así.", provenance=Provenance(entry, "v1", "¿?", 1.0))).to_data()


@pytest.mark.parametrize(
    ("entry", "reason", "questions", "mistakes"),
    [
        ("poda", "negative_feedback", 1, 1 / COMPLAINTS),
        ("poda", "asked_human", 1, 1 / COMPLAINTS),
        ("bache", "negative_feedback", 1, 0.0),
        ("poda", "asked_human", 2, 0.0),  # the person answered another question
        ("poda", "complaint", 1, 0.0),
    ],
)
async def test_another_entry_of_a_person_is_a_mistake(
    database: Sessions, entry: str, reason: str, questions: int, mistakes: float
) -> None:
    said = [(Author.CITIZEN, {})] * questions
    await write(database, "one", (Author.ASSISTANT, answer(0.9, "r")), *said, sent(entry))
    async with database.begin() as session:
        first = Message.event_id == "9-0"
        await session.execute(update(Message).where(first).values(at=NOW - timedelta(minutes=5)))
    await ticket(database, "7", "one", reason=reason, opened_at=NOW)
    assert [one.mistakes for one in await verdicts_since(database, LONG_AGO)] == [mistakes]


@pytest.mark.parametrize(("entry", "right"), [("bache", True), ("poda", False)])
async def test_entry_of_a_person_after_a_handoff_is_a_choice(database: Sessions, entry: str, right: bool) -> None:
    await write(database, "one", (Author.CITIZEN, {}), sent(entry), sent("chip"))
    candidates = [one.to_data() for one in OFFERED]
    await ticket(database, "7", "one", reason="low_confidence", candidates=candidates)
    assert await verdicts_since(database, LONG_AGO) == [Verdict.of_choice(0.6, right=right)]


async def test_nothing_is_learnt_from_blocked_conversations(database: Sessions) -> None:
    await write(database, "chose", (Author.ASSISTANT, offer()), (Author.CITIZEN, {"button": "first"}))
    await write(database, "rated", (Author.ASSISTANT, answer(0.9, "r")))
    await write(database, "handed", (Author.CITIZEN, {}), sent("bache"))
    await ticket(database, "7", "handed", reason="low_confidence", candidates=[one.to_data() for one in OFFERED])
    assert len(await verdicts_since(database, LONG_AGO)) == 3
    for name in ("chose", "rated", "handed"):
        await Corrections(database).block(name)
    assert await verdicts_since(database, LONG_AGO) == []


async def test_old_messages_are_forgotten(database: Sessions) -> None:
    await write(database, "one", (Author.ASSISTANT, answer(0.9, "r")))
    assert await verdicts_since(database, NOW + timedelta(seconds=1)) == []


async def test_experience_is_kept_for_the_action_server(database: Sessions, tmp_path: Path) -> None:
    await write(database, "one", (Author.ASSISTANT, offer()), (Author.CITIZEN, {"button": "second"}))
    experience = await update_experience(database, tmp_path)
    assert (experience.messages, experience.mistakes, experience.expected) == (1, 1.0, pytest.approx(0.4))
    assert read_experience(tmp_path) == experience
