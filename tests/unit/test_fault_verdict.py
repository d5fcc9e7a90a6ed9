"""Tests that the fault harness finds each kind of loss in evidence with that loss, and only there."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from benchmarks.faulting.chaos import Broken, Chaos, Fault, Scene, kill, stop
from benchmarks.faulting.evidence import Evidence, Row, complete
from benchmarks.faulting.ledger import Ledger
from benchmarks.faulting.providers import Delivery, Mood
from benchmarks.faulting.system import FILES_MB
from benchmarks.faulting.table import gap_s
from benchmarks.faulting.told import DISORDERED, KILLED, LIED, LOST, NEVER_TOLD, UNEXPLAINED, Struck, compare
from benchmarks.faulting.verdict import ANEW, BROKEN, FILE_LOST, MANY_FILES, NOT_DONE, Verdict, answered_twice, judge
from bot.core.event_facts import TicketChange, TicketState
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.settings import Settings
from bot.record.tables import Message

CITIZEN, ASSISTANT, SYSTEM, STAFF = Author.CITIZEN, Author.ASSISTANT, Author.SYSTEM, Author.STAFF
CONVERSATION = "c"


def log_of(*said: tuple[Author, str]) -> list[Event]:
    """Returns a log of these messages, one per second."""
    return [
        Event(f"{1000 * number}-0", CONVERSATION, EventKind.MESSAGE, author, text, at=1000 * number)
        for number, (author, text) in enumerate(said, 1)
    ]


def changed(kind: EventKind, at: int, **facts: Any) -> Event:
    known = {"reason": "asked_human", "priority": "normal", "team": "atencion", "opened_at": 0} | facts
    return Event(f"{at}-0", CONVERSATION, kind, STAFF, facts=TicketChange(ticket="1", **known), at=at)


def ledger_of(count: int) -> Ledger:
    """Returns a ledger of ``count`` messages of one citizen on the web, all acknowledged."""
    ledger = Ledger(conversations={"web-0": (CONVERSATION,)})
    for _ in range(count):
        ledger.say("web-0", "web", "pregunta").acknowledged_at = 1.0
    return ledger


def judged(ledger: Ledger, log: list[Event], **found: Any) -> Verdict:
    """Returns the verdict on a run in which stores and page have ``log``, except for the changes in ``found``."""
    rows = [Row(CONVERSATION, one.id, one.author, one.text) for one in log]
    known = {"logs": {CONVERSATION: log}, "rows": rows, "speakers": {CONVERSATION: ("assistant", "")}} | found
    shown = [{"id": one.id, "author": one.author} for one in log if one.kind is EventKind.MESSAGE]
    told = {"web-0": {CONVERSATION: shown}}
    return judge(ledger, Evidence(**known), told, {"1": "2000-0"})


def kinds(verdict: Verdict) -> set[str]:
    return {kind for kind, lines in verdict.findings.items() if lines}


def asked(ledger: Ledger, *numbers: int) -> list[tuple[Author, str]]:
    """Returns the ledger's messages with these numbers, each followed by an answer."""
    pairs = (((CITIZEN, ledger.messages[number].text), (ASSISTANT, "una respuesta")) for number in numbers)
    return list(itertools.chain.from_iterable(pairs))


def test_a_good_run_passes() -> None:
    ledger = ledger_of(2)
    verdict = judged(ledger, log_of(*asked(ledger, 0, 1)))
    assert kinds(verdict) == set()
    assert verdict.passed


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ((0,), {"not in the transcript", "not in the record"}),
        ((0, 1, 1), {"in the transcript twice", "in the record twice"}),
        ((1, 0), {"out of order"}),
    ],
)
def test_lost_repeated_or_disordered_messages_are_found(numbers: tuple[int, ...], found: set[str]) -> None:
    ledger = ledger_of(2)
    verdict = judged(ledger, log_of(*asked(ledger, *numbers)))
    assert kinds(verdict) == found
    assert not verdict.passed


@pytest.mark.parametrize(("lost", "found"), [((0.5, 1.5), {LOST}), ((9.0, 9.5), {"not in the record"})])
def test_losses_by_a_failover_are_counted_separately(lost: tuple[float, float], found: set[str]) -> None:
    ledger = ledger_of(1)
    log = log_of(*asked(ledger, 0))
    logs, speakers = {CONVERSATION: log}, {CONVERSATION: ("assistant", "")}
    verdict = judge(ledger, Evidence(logs=logs, speakers=speakers), {}, {}, [lost])
    assert kinds(verdict) == found
    assert verdict.passed is (found == {LOST})


@pytest.mark.parametrize(("lost", "found"), [((0.5, 1.5), {LOST}), ((9.0, 9.5), {"in the record twice"})])
def test_copy_that_valkey_lost_before_it_was_acknowledged_is_counted_by_itself(
    lost: tuple[float, float], found: set[str]
) -> None:
    ledger = ledger_of(1)
    ledger.messages[0].said_at, ledger.messages[0].acknowledged_at = 0.0, 4.0
    log = log_of(*asked(ledger, 0))
    rows = [Row(CONVERSATION, id, one.author, one.text) for one in log for id in (one.id, f"{one.id}1")]
    verdict = judge(ledger, Evidence(logs={CONVERSATION: log}, rows=rows), {}, {}, [lost])
    assert kinds(verdict) == found


@pytest.mark.parametrize(
    ("lost", "found"), [((0.5, 1.5), {LOST}), ((9.0, 9.5), {"not in the record", "not in the transcript", ANEW})]
)
def test_citizen_whose_conversation_redis_lost_goes_on_in_another(lost: tuple[float, float], found: set[str]) -> None:
    ledger = ledger_of(3)
    ledger.conversations["web-0"] = (CONVERSATION, "d")
    ledger.begun["web-0"] = {CONVERSATION: 0.2, "d": 3.0}
    old, new = log_of(*asked(ledger, 0)), log_of(*asked(ledger, 2))
    rows = [Row(name, one.id, one.author, one.text) for name, log in ((CONVERSATION, old), ("d", new)) for one in log]
    told = {"web-0": {name: [{"id": one.id} for one in log] for name, log in ((CONVERSATION, old), ("d", new))}}
    verdict = judge(ledger, Evidence(logs={CONVERSATION: old, "d": new}, rows=rows), told, {}, [lost])
    assert kinds(verdict) == found
    assert verdict.counted["chats begun anew"] == 1


def test_chat_begun_anew_although_redis_lost_nothing_makes_the_run_fail() -> None:
    told: dict[str, Any] = {"web-0": {CONVERSATION: [], "d": []}}
    verdict = judge(Ledger(), Evidence(), told, {})
    assert kinds(verdict) == {ANEW}
    assert not verdict.passed


def test_message_in_the_lost_and_in_the_new_conversation_is_there_twice() -> None:
    ledger = ledger_of(1)
    ledger.conversations["web-0"] = (CONVERSATION, "d")
    log = log_of(*asked(ledger, 0))
    rows = [Row(name, one.id, one.author, one.text) for name in (CONVERSATION, "d") for one in log]
    verdict = judge(ledger, Evidence(logs={CONVERSATION: log, "d": log}, rows=rows), {}, {})
    assert kinds(verdict) == {"in the transcript twice", "in the record twice"}


def test_conversation_that_redis_lost_after_a_question_is_in_silence() -> None:
    ledger = ledger_of(1)
    log = log_of((CITIZEN, ledger.messages[0].text))
    assert kinds(judged(ledger, log, speakers={})) == {"in silence"}


def test_messages_missing_only_in_the_record_are_found() -> None:
    ledger = ledger_of(1)
    assert kinds(judged(ledger, log_of(*asked(ledger, 0)), rows=[])) == {"not in the record"}


@pytest.mark.parametrize(("speaker", "found"), [("assistant", {"in silence"}), ("waiting", set())])
def test_silence_is_only_where_it_is_the_assistants_turn(speaker: str, found: set[str]) -> None:
    ledger = ledger_of(1)
    log = log_of((CITIZEN, ledger.messages[0].text))
    places = {"7": ["v:queue:atencion"]}
    assert kinds(judged(ledger, log, speakers={CONVERSATION: (speaker, "7")}, places=places)) == found


def test_an_answer_for_which_there_was_no_message_left_is_a_second_one() -> None:
    welcome, question, answer = (ASSISTANT, "hola"), (CITIZEN, "pregunta"), (ASSISTANT, "respuesta")
    assert list(answered_twice(log_of(welcome, question, answer, question, answer))) == []
    assert list(answered_twice(log_of(question, (SYSTEM, "un aviso"), answer))) == []
    assert len(list(answered_twice(log_of(question, answer, answer)))) == 1


def test_unread_messages_before_a_closing_are_found() -> None:
    ledger = ledger_of(3)
    first, second, third = ((CITIZEN, one.text) for one in ledger.messages)
    closing = changed(EventKind.TICKET_CLOSED, 3500, state=TicketState.CLOSED)
    notice = (SYSTEM, "cerró la atención")
    unread = [*log_of(first, (STAFF, "dígame"), second), closing, *log_of(first, first, first, notice)[3:]]
    assert "closed over, read by nobody" in kinds(judged(ledger, unread))
    answered = [*unread, *log_of(*[third] * 4, (ASSISTANT, "respuesta"))[4:]]
    assert "closed over, read by nobody" not in kinds(judged(ledger, answered))


def test_a_ticket_that_two_claim_without_giving_it_back_has_two_owners() -> None:
    claims = [changed(EventKind.TICKET_CLAIMED, at, owner_id=who) for at, who in ((1, "ana"), (3, "beto"))]
    back = changed(EventKind.TICKET_RETURNED, 2)
    assert kinds(judged(ledger_of(0), claims)) == {"ticket with two owners"}
    assert kinds(judged(ledger_of(0), [claims[0], back, claims[1]])) == set()


@pytest.mark.parametrize(
    "found",
    [
        {"places": {"1": ["v:claimed", "v:queue:atencion"]}},
        {"speakers": {CONVERSATION: ("waiting", "1")}},
        {"open_in_record": {"1"}},
    ],
)
def test_a_ticket_is_in_one_place(found: dict[str, Any]) -> None:
    assert kinds(judged(ledger_of(0), [], **found)) == {"ticket lost or in two places"}


def seen(*moods: Mood) -> list[Delivery]:
    """Returns deliveries of the same answer on Telegram, a second apart, with these moods."""
    return [Delivery("telegram", "1", "una respuesta", float(at), mood) for at, mood in enumerate(moods)]


@pytest.mark.parametrize(
    ("moods", "struck", "found"),
    [
        ((Mood.WELL,), [], []),
        ((), [], []),
        ((Mood.ACCEPTED_DROPPED, Mood.WELL), [], [LIED]),
        ((Mood.WELL, Mood.WELL), [Struck("kill -9 bot", 0.5, 1.0, frozenset({"bot"}))], [KILLED]),
        ((Mood.WELL, Mood.WELL), [Struck("rolling restart", -60.0, -40.0, frozenset({"bot"}), well=0.5)], [KILLED]),
        (
            (Mood.WELL, Mood.WELL),
            [Struck("rolling restart", -60.0, -40.0, frozenset({"bot"}), well=-1.0)],
            [UNEXPLAINED],
        ),
        ((Mood.WELL, Mood.WELL), [Struck("kill -9 rasa", 0.5, 1.0, frozenset({"rasa"}))], [UNEXPLAINED]),
    ],
)
def test_a_repeat_on_a_provider_has_a_reason_or_none(moods: tuple[Mood, ...], struck: Any, found: list[str]) -> None:
    log = log_of((CITIZEN, "pregunta"), *[(ASSISTANT, "una respuesta")] * min(1, len(moods)))
    assert [kind for kind, _ in compare(CONVERSATION, log, seen(*moods), "", struck)] == found


def test_messages_that_a_provider_never_showed_are_found() -> None:
    log = log_of((ASSISTANT, "una respuesta"), (ASSISTANT, "otra"))
    assert [kind for kind, _ in compare(CONVERSATION, log, seen(Mood.WELL), "", ())] == [NEVER_TOLD]


def test_replies_in_an_outbox_that_valkey_lost_are_counted_separately() -> None:
    log = log_of((ASSISTANT, "una respuesta"), (ASSISTANT, "lo demás"), (ASSISTANT, "otra"))
    found = compare(CONVERSATION, log, seen(Mood.WELL), "", (), unsent={"2000-0"})
    assert [kind for kind, _ in found] == [LOST, NEVER_TOLD]


def test_answer_that_valkey_lost_and_gave_again_is_not_out_of_order() -> None:
    log = log_of((ASSISTANT, "primero"), (ASSISTANT, "segundo"))
    got = [Delivery("telegram", "1", text, 1.0, Mood.WELL) for text in ("segundo", "primero", "segundo")]
    struck = [Struck("file damaged", 0.5, 1.0, frozenset({"valkey"}))]
    found = [[kind for kind, _ in compare(CONVERSATION, log, got, "", struck, emptied=one)] for one in (False, True)]
    assert found == [[DISORDERED, KILLED], [KILLED]]


def test_messages_shown_out_of_order_are_found() -> None:
    log = log_of((ASSISTANT, "primero"), (ASSISTANT, "segundo"), (ASSISTANT, "igual"), (ASSISTANT, "igual"))

    def got(*texts: str) -> list[Delivery]:
        return [Delivery("telegram", "1", text, float(at), Mood.WELL) for at, text in enumerate(texts)]

    def kinds_of(*texts: str) -> list[str]:
        return [kind for kind, _ in compare(CONVERSATION, log, got(*texts), "", ())]

    assert kinds_of("primero", "segundo", "igual", "igual") == []
    assert kinds_of("primero\nsegundo", "igual", "igual") == []
    assert kinds_of("igual", "segundo", "primero", "igual") == [DISORDERED]


def test_accepted_file_that_is_not_in_the_transcript_is_found() -> None:
    ledger = ledger_of(0)
    ledger.accepted_files["web-0"] = 1
    assert kinds(judged(ledger, log_of())) == {FILE_LOST}


def test_run_in_which_no_file_at_all_was_accepted_shows_nothing_about_files() -> None:
    ledger = ledger_of(0)
    ledger.files["507"] = MANY_FILES
    assert kinds(judged(ledger, log_of())) == {FILE_LOST}
    ledger.files["202"] = 1
    assert kinds(judged(ledger, log_of())) == set()
    assert FILES_MB > Settings.model_fields["disk_floor_mb"].default


async def test_fault_that_could_not_be_done_or_finds_a_promise_broken_makes_the_run_fail() -> None:
    class Healthy:
        slower = 1.0

        async def wait_healthy(self, _seconds: float) -> bool:
            return True

        def pid(self, _part: str) -> None:
            return None

    async def two(_scene: Scene) -> str:
        raise Broken("both run")

    scene: Any = Scene(Healthy(), (), Random())  # type: ignore[arg-type]
    chaos = Chaos(scene, lambda _line: None)
    for fault in (kill("bot"), stop("bot"), Fault("two launchers", frozenset(), two)):
        await chaos.strike(fault)
    assert [line.partition(": could")[0] for line in chaos.not_done] == ["kill -9 bot", "stopped and continued: bot"]
    assert chaos.broken == ["two launchers: both run"]
    for kind in (NOT_DONE, BROKEN, NEVER_TOLD, UNEXPLAINED, DISORDERED, FILE_LOST):
        assert not Verdict({kind: ["a line"]}).passed


@pytest.mark.parametrize(
    ("acks", "gap"),
    [((1.0, 9.5, 30.0, 31.0), 20.5), ((1.0, 2.0, 13.0, 14.0), 11.0), ((1.0, 2.0), 18.0), ((1.0, 2.0, 50.0), 48.0)],
)
def test_a_fault_has_the_longest_silence_that_touches_it(acks: tuple[float, ...], gap: float) -> None:
    assert gap_s(acks, Struck("kill -9 bot", 10.0, 20.0, frozenset())) == gap


def test_events_missing_in_the_log_are_read_from_the_record() -> None:
    def row(id: str, conversation: str = "c") -> Message:
        at = datetime.fromtimestamp(int(id.partition("-")[0]) / 1000, UTC)
        return Message(event_id=id, conversation_id=conversation, at=at, author="citizen", text=id, data={})

    kept = Event.of_message(vars(row("3000-0")), datetime.fromtimestamp(3, UTC))
    logs = {"c": [kept]}
    complete(logs, [row("20000-0"), row("2000-1"), row("2000-0"), row("3000-0"), row("1000-0", "unknown")])
    assert [(one.id, one.at, one.text) for one in logs["c"]] == [
        ("2000-0", 2000, "2000-0"),
        ("2000-1", 2000, "2000-1"),
        ("3000-0", 3000, "3000-0"),
    ]
    assert list(logs) == ["c"]
    complete(logs, [row("1000-0", "unknown"), row("2000-0", "unknown")], emptied=True)
    assert [one.id for one in logs["unknown"]] == ["1000-0", "2000-0"]
