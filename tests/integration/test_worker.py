"""Tests that every message is answered once and in order, even when workers are killed inside a message batch."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.inbox import Committed
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.messages import Author, Channel, CitizenMessage, Priority, Reply, Speaker
from bot.store import keys
from bot.tickets.positions import QueuePositions
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.eventually import eventually
from tests.integration.worker_process import AGENCY, make_worker
from tests.integration.working import answers, retry_quickly, send, start_worker_process, until_idle, working
from tests.no_record import mailbox_of
from tests.sure_answers import sure_answers


async def test_questions_in_quick_succession_are_answered_in_order(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number in range(20):
            await send(inbox, "c1", number)
        await until_idle(redis)
    assert await answers(inbox, "c1") == [f"re: ¿pregunta {number}?" for number in range(20)]


async def test_killed_workers_lose_nothing_double_nothing_and_keep_the_order(redis: Redis, redis_url: str) -> None:
    inbox = mailbox_of(redis)
    conversations = [f"c{number}" for number in range(12)]
    first, second = start_worker_process(redis_url), start_worker_process(redis_url)
    third = None
    try:
        for number in range(15):
            await asyncio.gather(*(send(inbox, conversation, number) for conversation in conversations))
            if number == 8:
                await until_answers(redis)
                first.kill()
        second.kill()
        third = start_worker_process(redis_url)
        await until_idle(redis)
    finally:
        for process in filter(None, (first, second, third)):
            process.kill()
            process.wait()
    expected = [f"re: ¿pregunta {number}?" for number in range(15)]
    assert [await answers(inbox, conversation) for conversation in conversations] == [expected] * len(conversations)


async def until_answers(redis: Redis) -> None:
    """Waits until the workers have answered two messages."""

    async def look() -> bool:
        return len(await answers(mailbox_of(redis), "c1")) >= 2

    await eventually(look)


async def test_typed_slashes_reach_rasa_as_text(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number, text in enumerate(["/restart", " \t//greet", "/", "  /x/y"]):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
    said = await answers(inbox, "c1")
    assert said[:2] == ["re: restart", "re: greet"]
    assert said[3] == "re: x/y"
    assert not said[2].startswith("re:")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "mensaje_vacio"),
        ("🙂🙂", "emoji_contento"),
        ("🚗", "mensaje_vacio"),
        ("?!…", "mensaje_vacio"),
        ("\x00\x07\x1b", "mensaje_vacio"),
        ("\u202e\u200f", "mensaje_vacio"),
        ("x" * 10_000, "mensaje_largo"),
        ("hola " * 2_000, "mensaje_largo"),
    ],
)
async def test_unreadable_message_gets_a_notice(redis: Redis, agency: Agency, written: str, said: str) -> None:
    inbox = mailbox_of(redis)
    await inbox.open("c1", Channel.WHATSAPP, None)
    async with working(redis, debounce_ms=100):
        await inbox.accept(CitizenMessage("c1", Channel.WHATSAPP, "m1", written, at=1))
        await until_idle(redis)
    assert (await answers(inbox, "c1"))[-1] == agency.say(said)
    assert (await inbox.state("c1")).speaker is Speaker.ASSISTANT


@pytest.mark.parametrize("channel", list(Channel))
async def test_citizen_returns_to_spanish_with_the_second_spanish_message(redis: Redis, channel: Channel) -> None:
    inbox, known = mailbox_of(redis), []
    async with working(redis, debounce_ms=0):
        for text in ("how do I renew my license?", "quiero pagar la patente", "¿y hasta cuándo puedo?"):
            await inbox.accept(CitizenMessage("c1", channel, text, text, at=1), address="sealed")
            await until_idle(redis)
            known.append((await inbox.state("c1")).known["idioma"])
    assert known == ["en", "en", "es"]


async def test_emergency_is_answered_first_and_heads_the_queue(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        await send(inbox, "c1", 1, "me quiero matar")
        await until_idle(redis)
    assert "*4141" in (await answers(inbox, "c1"))[0]
    assert (await inbox.state("c1")).speaker is Speaker.WAITING
    assert (await answers(inbox, "c1"))[1:] == [AGENCY.say("emergencia_pregunta")]
    assert await answers(inbox, "c1", Author.SYSTEM) == []


async def test_emergency_has_a_dialogue_of_its_own(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number, text in enumerate(["me quiero matar", "no me contestan", "volver", "¿cuánto falta?"]):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
    notices = (await answers(inbox, "c1"))[1:]
    again = AGENCY.say("emergencia_sigue", numeros="***4141** o **131**")
    assert notices == [AGENCY.say("emergencia_pregunta"), *[again] * 3]
    assert await answers(inbox, "c1", Author.SYSTEM) == []
    assert not [text for text in notices if "fila" in text or "lugar" in text or "volver" in text]
    (ticket,) = await Tickets(redis).waiting()  # «volver» does not cancel it
    assert ticket.priority is Priority.EMERGENCY
    position = QueuePositions(redis, Live(redis))
    assert await position.of(ticket.id) is None
    assert await position._current() == {}


async def test_unclaimed_emergency_stays_one_over_the_weekend(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        await send(inbox, "c1", 1, "me quiero matar")
        await until_idle(redis)
        two_days_ago = int(time.time() * 1000) - 48 * 3600 * 1000
        told = json.dumps({"suicidio": {"sure": True, "at": two_days_ago}})
        await redis.hset(keys.conversation_key("c1"), "dangers", told)
        await send(inbox, "c1", 2, "volver")
        await until_idle(redis)
    assert (await answers(inbox, "c1"))[-1] == AGENCY.say("emergencia_sigue", numeros="***4141** o **131**")
    assert await answers(inbox, "c1", Author.SYSTEM) == []
    assert [one.priority for one in await Tickets(redis).waiting()] == [Priority.EMERGENCY]


async def test_waiting_citizen_in_an_emergency_is_asked_once(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number, text in enumerate(["persona", "hay olor a gas", "hay olor a gas y estoy mareada"]):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
    gas = AGENCY.emergencies["gas"]
    assert await answers(inbox, "c1", Author.SYSTEM) == ["lugar 1", gas, gas]
    assert (await answers(inbox, "c1"))[1:] == [AGENCY.say("emergencia_pregunta")]


async def test_while_waiting_only_volver_brings_the_assistant_back(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number, text in enumerate(["persona", "hola", "/restart", "Volver.", "hola"]):
            await send(inbox, "c1", number, text)
            await until_idle(redis)
    assert (await answers(inbox, "c1"))[1:] == ["re: hola"]
    assert (await inbox.state("c1")).speaker is Speaker.ASSISTANT


async def test_message_answered_by_a_person_while_the_worker_was_dead_is_not_repeated(redis: Redis) -> None:
    inbox, tickets, ana = mailbox_of(redis), Tickets(redis), StaffRef("ana", "Ana")
    async with working(redis):
        await send(inbox, "c1", 0, "persona")
        await until_idle(redis)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ana, Reply("te atiende Ana"))
    await send(inbox, "c1", 1, "se quema algo?")
    await send(inbox, "c1", 2, "hay un incendio en mi casa")
    await tickets.reply(ticket.id, ana, "llame al 132", "r1")
    await send(inbox, "c1", 3, "gracias")
    seen = (await inbox.events("c1"))[-1]
    await Signals(redis).read("c1", Author.STAFF, seen.id)
    await send(inbox, "c1", 4, "¿y mañana atienden?")
    await tickets.close(ticket.id, ana, Reply("adiós"))
    await send(inbox, "c1", 5, "¿y el lunes?")
    async with working(redis):
        await until_idle(redis)
    assert (await answers(inbox, "c1"))[3:] == ["re: ¿y mañana atienden?", "re: ¿y el lunes?"]
    assert any("132" in text for text in await answers(inbox, "c1", Author.SYSTEM))


async def told_of_a_problem_and_in_line(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        await send(inbox, "c1", 1)
        await until_idle(redis)
    assert "problema" in (await answers(inbox, "c1"))[-1]
    assert (await inbox.state("c1")).speaker is Speaker.WAITING


async def test_failed_turn_gives_a_notice_and_becomes_a_handoff(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.turns.turns.Turns.take", fail)
    await told_of_a_problem_and_in_line(redis)


async def test_failure_in_batching_gives_a_notice_too(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_text: str) -> None:
        raise AttributeError

    for user in ("message_batch", "emergency"):
        monkeypatch.setattr(f"bot.turns.{user}.find_emergency", fail)
    await told_of_a_problem_and_in_line(redis)


async def test_talkative_citizen_does_not_delay_the_others(redis: Redis, redis_url: str) -> None:
    inbox = mailbox_of(redis)
    for number in range(40):
        await send(inbox, "talkative", number)
    await send(inbox, "quiet", 1)
    worker = asyncio.create_task(make_worker(redis, slots=1).run())
    await eventually(lambda: answers(inbox, "quiet"))
    assert len(await answers(inbox, "talkative")) < 10
    await until_idle(redis)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await answers(inbox, "talkative") == [f"re: ¿pregunta {number}?" for number in range(40)]


async def test_message_batch_is_one_turn(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis):
        for number, text in enumerate(["hola", "una consulta", "se me perdió el carnet", "cómo saco otro"]):
            await send(inbox, "c1", number, text)
        await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: se me perdió el carnet\ncómo saco otro"]
    assert await inbox.pending("c1") == []


async def test_two_questions_written_apart_are_two_turns(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1, "renovar licencia")
    await asyncio.sleep(0.2)
    await send(inbox, "c1", 2, "permiso de circulación")
    async with working(redis, debounce_ms=100):
        await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: renovar licencia", "re: permiso de circulación"]


async def test_fragment_that_is_not_understood_is_joined_with_what_follows_within_seconds(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, debounce_ms=1):
        await send(inbox, "c1", 1, "mi mamá")
        await asyncio.sleep(1)
        assert await answers(inbox, "c1") == []
        await send(inbox, "c1", 2, "necesita remedios")
        await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: mi mamá\nnecesita remedios"]


async def test_fragment_that_is_not_understood_waits_a_few_seconds_and_only_once(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, debounce_ms=1):
        await send(inbox, "c1", 1, "mi mamá")
        await send(inbox, "c2", 1, "gracias")
        await until_idle(redis)
    assert [await answers(inbox, one) for one in ("c1", "c2")] == [["De eso no sé."], ["re: gracias"]]


async def test_emergency_in_a_batch_follows_what_was_written_before(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, debounce_ms=60_000):
        for number, text in enumerate(["hola", "por favor", "me quiero matar", "ayuda"]):
            await send(inbox, "c1", number, text)
        await until_idle(redis)
    said = await answers(inbox, "c1")
    assert (said[0], "*4141" in said[1]) == ("re: hola\npor favor", True)
    assert said[2] == AGENCY.say("emergencia_pregunta")
    assert said[3].startswith("Tu mensaje le quedó al equipo.")  # «ayuda» waits for no further fragment


async def test_click_in_a_batch_is_a_turn_of_its_own(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1, "hola")
    offered = json.dumps([{"title": "Licencia", "payload": "/choose", "id": "b1"}])
    await redis.hset(keys.conversation_key("c1"), "buttons", offered)
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "Licencia", 2, button="b1"))
    await send(inbox, "c1", 3, "gracias")
    async with working(redis):
        await until_idle(redis)
    said = await answers(inbox, "c1")
    assert (said[0], len(said), said[2]) == ("re: hola", 3, "re: gracias")


async def test_citizen_who_waits_for_a_person_is_not_delayed(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    async with working(redis, debounce_ms=60_000):
        await send(inbox, "c1", 1, "me quiero matar")
        await until_idle(redis)
        await send(inbox, "c1", 2, "hola")
        await until_idle(redis)


async def test_unfinished_fragments_delay_no_other_conversation(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    hesitant = [f"c{number}" for number in range(200)]
    async with working(redis, slots=1, debounce_ms=60_000):
        for conversation in hesitant:
            await send(inbox, conversation, 1, "hola")
        await send(inbox, "asks", 1)
        await eventually(lambda: answers(inbox, "asks"))
    assert [conversation for conversation in hesitant if await answers(inbox, conversation)] == []


async def test_killed_workers_lose_and_double_nothing_of_a_batch(redis: Redis, redis_url: str) -> None:
    inbox = mailbox_of(redis)
    conversations = [f"c{number}" for number in range(12)]
    written = [f"¿y cuánto vale {number}?" if number % 5 == 4 else f"trozo {number}" for number in range(30)]
    workers = [start_worker_process(redis_url) for _ in range(2)]
    try:
        for number, text in enumerate(written):
            await asyncio.gather(*(send(inbox, conversation, number, text) for conversation in conversations))
            await asyncio.sleep(0.05)
            if number in (7, 12, 21):  # while some wait for the rest of a burst and some are being answered
                workers.append(start_worker_process(redis_url))
                workers[-3].kill()
        await until_idle(redis)
    finally:
        for process in workers:
            process.kill()
            process.wait()
    for conversation in conversations:
        said = [answer.removeprefix("re: ") for answer in await answers(inbox, conversation)]
        assert "\n".join(said).splitlines() == written
        assert len(said) < len(written)


async def test_messages_of_a_deleted_conversation_are_dropped(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    retry_quickly(monkeypatch)
    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1)
    await redis.delete(keys.conversation_key("c1"))
    async with working(redis):
        await until_idle(redis)
    assert await inbox.pending("c1") == []
    assert await redis.exists(keys.conversation_key("c1")) == 0


async def test_killed_workers_answer_waiting_citizens_once_and_in_order(redis: Redis, redis_url: str) -> None:
    # Else the first tickets wait for the recovery, and a slow turn tells its citizen of that: a third notice.
    await redis.set(keys.RESTORED, "1")
    inbox, conversations = mailbox_of(redis), [f"c{number}" for number in range(6)]
    known = {f"¿pregunta {number}?": f"respuesta {number}" for number in range(12) if number % 3}
    async with sure_answers(known) as url:
        first, second = start_worker_process(redis_url, url), start_worker_process(redis_url, url)
        third = None
        try:
            for conversation in conversations:
                await send(inbox, conversation, 99, "persona")
            await until_idle(redis)
            for number in range(12):
                await asyncio.gather(*(send(inbox, conversation, number) for conversation in conversations))
                if number == 6:
                    first.kill()
            second.kill()
            third = start_worker_process(redis_url, url)
            await until_idle(redis)
        finally:
            for process in filter(None, (first, second, third)):
                process.kill()
                process.wait()
    expected = ["Te dejo con alguien.", *known.values()]
    assert [await answers(inbox, one) for one in conversations] == [expected] * len(conversations)
    assert len(await Tickets(redis).waiting()) == len(conversations)
    assert [(await inbox.state(one)).speaker for one in conversations] == [Speaker.WAITING] * len(conversations)
    told = [await answers(inbox, one, Author.SYSTEM) for one in conversations]
    assert [len(notices) for notices in told] == [2] * len(conversations)  # on entering the queue, and once later


async def test_answer_decided_before_a_claim_is_not_sent_after_it(redis: Redis) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with working(redis):
        await send(inbox, "c1", 0, "persona")
        await until_idle(redis)
    await send(inbox, "c1", 1)
    (message,) = await inbox.pending("c1")
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
    late = await inbox.commit([message], (Reply("tarde"),), speaker=Speaker.WAITING, change=Change())
    assert late is Committed.SPEAKER_CHANGED
    async with working(redis):
        await until_idle(redis)
    assert "tarde" not in await answers(inbox, "c1")
    assert [one.id for one in await inbox.unanswered("c1")] == ["m1"]
