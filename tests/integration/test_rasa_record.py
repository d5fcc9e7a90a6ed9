"""Tests that Rasa's tracker gets every turn that was decided without Rasa, whatever fails in between."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from bot.conversation.change import AnswerToApprove, Change
from bot.conversation.state import ConversationState
from bot.conversation.unheard import UnheardTurn, UnheardTurns
from bot.core.errors.rasa import RasaUnavailable
from bot.core.messages import Button, Channel, CitizenMessage, Handoff, HandoffReason, Provenance, Reply, Speaker
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.store import keys
from bot.tickets.approvals import Replacement
from bot.tickets.ticket import StaffRef
from bot.turns import rasa_record
from bot.turns.answers import Answered, Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Turn
from bot.turns.rasa_client import Asker, Rasa
from bot.turns.rasa_record import RasaRecord
from tests.eventually import eventually
from tests.no_record import mailbox_of, proposals_of

ANA = StaffRef("ana", "Ana Soto")
ANSWER = Reply("Así.", provenance=Provenance("poda", "v1", "¿Cuándo se poda?", 1.0))


@dataclass
class Tracker:
    """Simulates Rasa's tracker: the citizens' texts that it received, by conversation, and how many in each request."""

    failing: bool = False
    fails_after: int = 99  # requests
    texts: dict[str, list[str]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        if self.failing or len(self.sizes) >= self.fails_after:
            return httpx.Response(500)
        conversation = request.url.path.split("/")[2]
        texts = [event["text"] for event in json.loads(request.content) if event["event"] == "user"]
        self.texts.setdefault(conversation, []).extend(texts)
        self.sizes.append(len(texts))
        return httpx.Response(200, json={})


def turn(text: str) -> UnheardTurn:
    return UnheardTurn(text, Channel.WEB, (Payload("Así."),), at=1)


async def commit(redis: Redis, number: int, conversation: str = "c1", **change: Any) -> None:
    message = CitizenMessage(conversation, Channel.WEB, f"m{number}", f"texto {number}", at=0)
    inbox = mailbox_of(redis)
    await inbox.accept(message)
    await inbox.commit([message], (ANSWER,), speaker=Speaker.ASSISTANT, change=Change(**change))


@pytest.fixture
def tracker() -> Tracker:
    return Tracker()


@pytest.fixture
def record(redis: Redis, tracker: Tracker) -> RasaRecord:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(tracker.handle))
    return RasaRecord(UnheardTurns(redis), rasa)


async def test_turns_are_sent_to_rasa_once_and_in_order(redis: Redis, tracker: Tracker, record: RasaRecord) -> None:
    for number in range(3):
        await commit(redis, number, unheard=turn(f"texto {number}"))
    await commit(redis, 3)
    assert await record.report("c1") and await record.report("c1")
    assert tracker.texts == {"c1": ["texto 0", "texto 1", "texto 2"]}
    assert await redis.exists(keys.unheard_key("c1"), keys.UNHEARD) == 0


async def test_turns_stay_while_rasa_fails(redis: Redis, tracker: Tracker, record: RasaRecord) -> None:
    await commit(redis, 0, unheard=turn("uno"))
    tracker.failing = True
    assert not await record.report("c1")
    tracker.failing = False
    await commit(redis, 1, unheard=turn("dos"))
    assert await record.report("c1")
    assert tracker.texts == {"c1": ["uno", "dos"]}


async def test_turns_of_a_long_conversation_are_sent_in_several_requests(
    redis: Redis, tracker: Tracker, record: RasaRecord
) -> None:
    expected = [f"texto {number}" for number in range(2 * keys.UNHEARD_AT_ONCE + 1)]
    for number, text in enumerate(expected):
        await commit(redis, number, unheard=turn(text))
    tracker.fails_after = 1
    assert not await record.report("c1")
    assert tracker.sizes == [keys.UNHEARD_AT_ONCE]
    tracker.fails_after = 9
    assert await record.report("c1")
    assert tracker.sizes == [keys.UNHEARD_AT_ONCE, keys.UNHEARD_AT_ONCE, 1]
    assert tracker.texts == {"c1": expected}
    assert await redis.exists(keys.unheard_key("c1"), keys.UNHEARD) == 0


async def test_only_one_process_sends_the_turns_of_a_conversation(
    redis: Redis, tracker: Tracker, record: RasaRecord
) -> None:
    await commit(redis, 0, unheard=turn("uno"))
    unheard = UnheardTurns(redis)
    assert len(await unheard.take("c1", "one") or ()) == 1
    for _ in range(2):  # the first one does not end the reservation
        assert await record.report("c1")
    assert tracker.texts == {}
    await unheard.heard("c1", "one", 0)
    await record.report("c1")
    assert tracker.texts == {"c1": ["uno"]}


async def test_commands_sent_again_after_a_lost_reply_take_the_same_turns_and_remove_none_that_rasa_lacks(
    redis: Redis,
) -> None:
    expected = [turn(f"texto {number}") for number in range(2 * keys.UNHEARD_AT_ONCE)]
    for number, one in enumerate(expected):
        await commit(redis, number, unheard=one)
    unheard, lines = UnheardTurns(redis), [one.to_json() for one in expected]
    for _ in range(2):
        assert await unheard.take("c1", "one") == lines[: keys.UNHEARD_AT_ONCE]
    for _ in range(2):
        await unheard.heard("c1", "one", keys.UNHEARD_AT_ONCE)
    assert await unheard.take("c1", "two") == lines[keys.UNHEARD_AT_ONCE :]


async def test_process_whose_reservation_expired_removes_no_turns_that_another_one_reserved(redis: Redis) -> None:
    await commit(redis, 0, unheard=turn("uno"))
    unheard = UnheardTurns(redis)
    await unheard.take("c1", "late")
    await redis.delete(keys.lease_key("unheard:c1"))
    assert await unheard.take("c1", "one")
    await unheard.heard("c1", "late", 1)
    assert await unheard.take("c1", "two") is None
    await unheard.heard("c1", "one", 0)
    assert await unheard.take("c1", "two") == [turn("uno").to_json()]


async def test_turns_of_quiet_conversations_are_sent_and_others_wait(
    redis: Redis, tracker: Tracker, record: RasaRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_record, "EVERY_S", 0.05)
    for conversation in ("quiet", "busy"):
        await commit(redis, 0, conversation, unheard=turn("uno"))
    await redis.zadd(keys.UNHEARD, {"quiet": 1})
    telling = asyncio.create_task(record.run())
    try:
        await eventually(lambda: asyncio.sleep(0, tracker.texts.get("quiet")))
    finally:
        telling.cancel()
    assert tracker.texts == {"quiet": ["uno"]}
    assert await redis.zrange(keys.UNHEARD, 0, -1) == ["busy"]


async def test_conversations_are_sent_with_a_pause_after_each_and_a_longer_one_once_none_is_due(
    redis: Redis, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_record, "AT_ONCE", 2)
    for number, conversation in enumerate(("a", "b", "c")):
        await commit(redis, 0, conversation, unheard=turn("uno"))
        await redis.zadd(keys.UNHEARD, {conversation: number})
    pause_s = rasa_record.PAUSE_S
    assert await pauses_until_the_longer_one(redis, tracker) == [
        (pause_s, ["a"]),
        (pause_s, ["a", "b"]),
        (pause_s, ["a", "b", "c"]),
        (rasa_record.EVERY_S, ["a", "b", "c"]),
    ]


async def test_rasa_that_fails_is_asked_again_only_after_the_longer_pause(
    redis: Redis, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_record, "AT_ONCE", 1)
    await commit(redis, 0, unheard=turn("uno"))
    await redis.zadd(keys.UNHEARD, {"c1": 1})
    tracker.failing = True
    assert await pauses_until_the_longer_one(redis, tracker) == [(rasa_record.EVERY_S, [])]


async def pauses_until_the_longer_one(redis: Redis, tracker: Tracker) -> list[tuple[float, list[str]]]:
    """Runs the task until its longer pause; returns each pause, in s, with the conversations sent before it."""
    pauses = list[tuple[float, list[str]]]()

    async def pause(seconds: float) -> None:
        pauses.append((seconds, list(tracker.texts)))
        if seconds == rasa_record.EVERY_S:
            raise asyncio.CancelledError

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(tracker.handle))
    with pytest.raises(asyncio.CancelledError):
        await RasaRecord(UnheardTurns(redis), rasa, pause).run()
    return pauses


async def test_unreadable_turn_is_skipped_and_the_others_are_sent(
    redis: Redis, tracker: Tracker, record: RasaRecord
) -> None:
    await commit(redis, 0, unheard=turn("uno"))
    await redis.lpush(keys.unheard_key("c1"), '{"of": "another release"}')
    assert await record.report("c1")
    assert tracker.texts == {"c1": ["uno"]}


@pytest.mark.parametrize(("sent", "expected"), [(True, {"c1": ["uno"]}), (False, {})])
async def test_answer_that_waits_for_approval_reaches_rasa_if_it_is_sent(
    redis: Redis, tracker: Tracker, record: RasaRecord, sent: bool, expected: dict[str, list[str]]
) -> None:
    held = AnswerToApprove("p1", (ANSWER,), "uno", 60_000, unheard=turn("uno"))
    await commit(redis, 0, to_approve=held)
    await record.report("c1")
    assert tracker.texts == {}
    approvals = proposals_of(redis)
    approval = await approvals.get("p1")
    if sent:
        await approvals.approve(approval, ANA)
    else:
        await approvals.reject(approval, ANA, Replacement(Handoff(HandoffReason.LOW_CONFIDENCE), Reply("Espera.")))
    await record.report("c1")
    assert tracker.texts == expected


@dataclass
class SlowRasa:
    """Simulates Rasa: ignores requests to ``hangs``, answers turns after ``turn_s`` seconds, and records paths."""

    hangs: str
    turn_s: float = 0.0
    record_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.hangs in request.url.path:
            await asyncio.Event().wait()
        await asyncio.sleep(self.record_s if "/tracker/events" in request.url.path else self.turn_s)
        return httpx.Response(200, json=[{"text": "Hola"}])

    def assistant(self, redis: Redis) -> Assistant:
        """Returns an assistant with this Rasa and with an answerer that has an offer for every text."""
        rasa = Rasa("http://rasa", transport=httpx.MockTransport(self.handle))
        return Assistant(rasa, Offering(ActionsEndpoint("")), RasaRecord(UnheardTurns(redis), rasa))


class Offering(Answers):
    async def surely(self, asker: Asker, text: str, *, patient: bool = False) -> Answered:
        return Answered(if_question=Turn((Reply("¿Cuál?"),)))


STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
TEXT = CitizenMessage("c1", Channel.WEB, "m9", "la poda", at=0)
PERSON = Button("Persona", "/ask_human")


async def test_rasa_that_cannot_classify_gets_no_turns_before_a_question(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turns.rasa_client.PARSE_TIMEOUT_S", 0.05)
    await commit(redis, 0, unheard=turn("uno"))
    rasa = SlowRasa("/model/parse")
    said = await rasa.assistant(redis).turn(TEXT, None, STATE)
    assert [reply.text for reply in said.replies] == ["Hola"]
    assert rasa.asked == ["/model/parse", "/webhooks/rest/webhook"]
    assert await UnheardTurns(redis).take("c1", "one") == [turn("uno").to_json()]


@pytest.mark.parametrize(("hangs", "button"), [("/model/parse", None), ("/tracker/events", PERSON)])
async def test_citizen_waits_for_a_slow_rasa_once_whatever_it_is_asked(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, hangs: str, button: Button | None
) -> None:
    for name, seconds in (("ANSWER", 1.0), ("PARSE", 0.8), ("RECORD", 0.8)):
        monkeypatch.setattr(f"bot.turns.rasa_client.{name}_TIMEOUT_S", seconds)
    await commit(redis, 0, unheard=turn("uno"))
    rasa = SlowRasa(hangs, turn_s=0.5)
    with pytest.raises(RasaUnavailable):
        await rasa.assistant(redis).turn(TEXT, button, STATE)
    assert hangs in rasa.asked[0] and rasa.asked[1:] == ["/webhooks/rest/webhook"]


async def test_citizen_waits_for_few_of_many_turns_and_is_answered(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turns.rasa_client.RECORD_TIMEOUT_S", 0.3)
    for number in range(5 * keys.UNHEARD_AT_ONCE):
        await commit(redis, number, unheard=turn(f"texto {number}"))
    rasa = SlowRasa("nothing", record_s=0.2)
    said = await rasa.assistant(redis).turn(TEXT, PERSON, STATE)
    assert [reply.text for reply in said.replies] == ["Hola"]
    assert 1 <= rasa.asked.count("/conversations/c1/tracker/events") <= 2
    assert await redis.llen(keys.unheard_key("c1")) >= 3 * keys.UNHEARD_AT_ONCE
