"""Tests the conclusions that the comparison with stock Rasa draws from its evidence."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest

from benchmarks.end_to_end import checks, growth, stock
from benchmarks.end_to_end.__main__ import main
from benchmarks.end_to_end.burst import LOST, REFUSED, Burst, FirstReply
from benchmarks.end_to_end.checks import faults
from benchmarks.end_to_end.growth import Cost
from benchmarks.end_to_end.load import level
from benchmarks.end_to_end.ours import OFFERED, SERVED, WORD, Asked, Page
from benchmarks.end_to_end.profile import table
from benchmarks.end_to_end.questions import IN_A_CONVERSATION, QUESTIONS, conversations
from benchmarks.faulting.evidence import Evidence, Row
from bot.channels.web.connections.open_connections import FRAMES
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder

ASKED = {"c": Asked(["una", "dos"], answered=2)}


def event(number: int, author: Author, text: str) -> Event:
    return Event(f"{number}-0", "c", EventKind.MESSAGE, author, text, MessageFacts(), number)


def evidence(*said: tuple[Author, str]) -> Evidence:
    """Returns the evidence of a conversation in which the stores agree."""
    log = [event(number, author, text) for number, (author, text) in enumerate(said)]
    return Evidence(logs={"c": log}, rows=[Row("c", one.id, one.author, one.text) for one in log])


WHOLE = (
    (Author.ASSISTANT, "hola"),
    (Author.CITIZEN, "una"),
    (Author.ASSISTANT, "respuesta"),
    (Author.CITIZEN, "dos"),
    (Author.ASSISTANT, "otra"),
)


def test_questions_kept_and_answered_once_are_no_fault() -> None:
    assert faults(ASKED, evidence(*WHOLE)) == []


def test_lost_question_is_a_fault_of_log_and_record() -> None:
    assert faults(ASKED, evidence(*WHOLE[:3])) == [
        "c: the event log differs from what was asked",
        "c: the record differs from what was asked",
        "c: 1 answers in the event log, 2 received",
    ]


def test_question_missing_in_the_record_is_a_fault() -> None:
    found = evidence(*WHOLE)
    del found.rows[3]
    assert faults(ASKED, found) == ["c: the record differs from what was asked"]


def test_second_answer_is_a_fault() -> None:
    assert faults(ASKED, evidence(*WHOLE, (Author.ASSISTANT, "otra"))) == ["c: answered twice: 'otra' at 5"]


def test_answer_is_the_first_event_of_others_after_the_question() -> None:
    page = Page("http://127.0.0.1", "10.0.0.1")
    page.speaker = "assistant"

    async def asked() -> float | None:
        asking = asyncio.create_task(page.ask("m", "una"))
        await asyncio.sleep(0)
        page._received({"type": "event", "id": "1-0", "author": "assistant"})  # the rest of the answer before
        page._received({"type": "ack", "id": "m", "speaker": "assistant"})
        await asyncio.sleep(0)
        assert not asking.done()
        page._received({"type": "event", "id": "2-0", "author": "citizen", "message_id": "m"})
        page._received({"type": "event", "id": "3-0", "author": "assistant"})
        return await asking

    assert asyncio.run(asked()) is not None


def test_each_conversation_is_had_once_whatever_the_number_of_citizens() -> None:
    had = []

    async def converse(questions: tuple[str, ...]) -> list[float]:
        await asyncio.sleep(0)
        had.append(questions)
        return [0.1] * len(questions)

    asked = [(f"{number}", "otra") for number in range(5)]
    measured = asyncio.run(level(converse, asked, citizens=3, seconds=0, pids={}))
    assert sorted(had) == asked
    assert len(measured.times_s) == 10


def test_questions_are_distinct_and_fill_their_conversations() -> None:
    found = conversations(load_folder(ROOT / "data" / "faq", None).entries)
    assert {len(one) for one in found} == {IN_A_CONVERSATION}
    assert len({text for one in found for text in one}) == QUESTIONS


def test_comparison_is_refused_at_once_without_stock_rasa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stock, "RASA", tmp_path / "absent")
    monkeypatch.setattr(sys, "argv", ["end_to_end"])
    with pytest.raises(SystemExit):
        main()
    assert "make stock-env" in capsys.readouterr().err


def test_profile_leaves_out_waiting_and_what_only_runs_the_rest() -> None:
    lines = [
        "main (app.py:1);serve (app.py:2);work (app.py:3) 6",
        "main (app.py:1);serve (app.py:2);other (app.py:9) 2",
        "main (app.py:1);select (selectors.py:4) 92",
    ]
    rows = table("bot", lines).splitlines()[2:]
    assert rows == ["| work (app.py) | 75% | work (app.py) | 75% |", "| other (app.py) | 25% | other (app.py) | 25% |"]


def first_reply(reply: dict[str, object] | None, *, refused: bool = False) -> FirstReply:
    return FirstReply(since_arrival_s=2.0, since_sending_s=1.0, repeated=True, reply=reply, refused=refused)


def test_burst_counts_as_lost_only_who_was_let_in_and_heard_nothing() -> None:
    answer, choice, word = {"source": {"title": "a"}, "buttons": []}, {"buttons": [{"id": "b"}]}, {"buttons": []}
    citizens = [
        first_reply(answer),
        first_reply(choice),
        first_reply(word),
        first_reply(None),
        first_reply(None, refused=True),
    ]
    assert [one.kind for one in citizens] == [SERVED, OFFERED, WORD, LOST, REFUSED]
    assert Burst(1.0, citizens, Counter()).lost == 1


def test_growth_compares_a_long_conversation_with_the_first_and_with_a_short_one() -> None:
    costs = [Cost(ms, {"bot": 2 * ms}) for ms in (8.0, 10.0, 11.0)]
    lines = growth.table(costs, [("search", "1", "2", "3")], long=1000, waiting=10, recorded=20).splitlines()
    assert lines[0] == "| a message | the 1st | the 5th | the 1,000th | to the 1st | to the 5th (at most 1.2) |"
    assert lines[2] == "| until the answer, ms | 8.0 | 10.0 | 11.0 | 1.38 | 1.10 |"
    assert "| processor, ms: bot | 16.0 | 20.0 | 22.0 | 1.38 | 1.10 |" in lines
    assert lines[-1] == "| search | 1 | 2 | 3 |"


def test_page_of_the_long_conversation_connects_again_before_it_is_disconnected() -> None:
    assert growth.BLOCK < growth.CONNECTION < FRAMES - 1  # the first frame is its greeting


async def test_growth_measures_messages_after_others_with_their_texts_and_once_rasa_has_all_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    left = iter((2, 1, 0))

    def lacking(_key: str) -> int:
        done.append(f"{(count := next(left))} left")
        return count

    async def ask(page: str, _text: str) -> float:
        done.append(page)
        return 0.009 if page == "before" else 0.003

    monkeypatch.setattr(growth, "settled", AsyncMock())
    monkeypatch.setattr(checks, "LOOK_EVERY_S", 0)
    ours = Mock(pids={}, ask=ask)
    ours.redis.zcard, ours.redis.scan_iter.return_value = lacking, ()
    cost = await growth._cost(ours, [("before", "hola")] * 2, [("measured", "hola")])
    assert done == ["2 left", "1 left", "0 left", "before", "before", "measured"]
    assert cost.median_ms == 3.0
