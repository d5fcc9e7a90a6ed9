"""Tests that messages are stored once, in order, and answered once, whichever process dies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.app.services import Services
from bot.conversation.change import Change
from bot.conversation.inbox import Committed, Inbox
from bot.core.errors.tickets import TicketTaken
from bot.core.event_facts import OfferedButton
from bot.core.events import EventKind
from bot.core.messages import (
    Attachment,
    Author,
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Place,
    Priority,
    Reply,
    Speaker,
)
from bot.core.settings import Settings
from bot.privacy.store import StoredConversation
from bot.store import keys
from bot.store.client import CONNECTIONS
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.no_record import mailbox_of
from tests.unit.agency_file import changed


def message(number: int, text: str = "hola", conversation: str = "c1") -> CitizenMessage:
    return CitizenMessage(conversation, Channel.WEB, f"m{number}", text, at=number)


async def answer(inbox: Inbox, one: CitizenMessage, text: str) -> Committed:
    return await inbox.commit([one], (Reply(text),), speaker=Speaker.ASSISTANT, change=Change())


async def test_repeated_message_is_stored_once_and_returns_the_first(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    first = await inbox.accept(message(1))
    second = await inbox.accept(message(1))
    assert (first.repeated, second.repeated) == (False, True)
    assert second.event_id == first.event_id
    assert len(await inbox.pending("c1")) == 1


@pytest.mark.parametrize(
    ("channel", "written", "hours"),
    [
        (Channel.WEB, {}, 96),
        (Channel.WEB, {"chat_sin_uso_horas": 30}, 30),
        (Channel.WEB, {"chat_sin_uso_horas": 1}, 24),
        (Channel.WHATSAPP, {"chat_sin_uso_horas": 1}, 168),
        (Channel.TELEGRAM, {}, 168),
    ],
)
async def test_words_leave_redis_when_a_browser_forgets_them_but_not_within_a_day_or_on_other_channels(
    redis: Redis, redis_url: str, tmp_path: Path, channel: Channel, written: dict[str, int], hours: int
) -> None:
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        AGENCY_FILE=changed(tmp_path, **written),
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr("postgresql://nobody@127.0.0.1:9/none"),
        VENTANILLA_SECRET=SecretStr("s" * 40),
    )
    services = Services.from_settings(settings)
    await redis.set(keys.RESTORED, 1)
    said = replace(message(1), channel=channel)
    await services.inbox.accept(said)
    assert await answer(services.inbox, said, "eco") is Committed.OK
    for key in (keys.conversation_key, keys.log_key):
        assert 0 < hours * 3600 - await redis.ttl(key("c1")) + 1 < 60
    await services.close()


async def test_commune_stored_by_an_older_release_is_still_known(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.open("c1", Channel.WEB, None)
    await redis.hset(keys.conversation_key("c1"), mapping={"comuna": "los-aromos", "known": '{"idioma": "ht"}'})
    assert (await inbox.state("c1")).known == {"comuna": "los-aromos", "idioma": "ht"}
    await redis.hset(keys.conversation_key("c1"), "known", '{"comuna": "otra-comuna"}')
    assert (await inbox.state("c1")).known == {"comuna": "otra-comuna"}


async def test_wait_announced_by_an_older_release_is_still_known(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.open("c1", Channel.WEB, None)
    older = {"rest_told": "1", "first_told": "2", "told:3.1": "1", "notified:ban-4": "1"}
    await redis.hset(keys.conversation_key("c1"), mapping=older)
    state = await inbox.state("c1")
    assert (state.rest_announced, state.priority_announced, state.sent_notices) == ("1", "2", {"3.1", "ban-4"})


@pytest.mark.parametrize("bad", ["\ud800", "\x00"])
async def test_unstorable_characters_are_removed_from_every_part_of_a_message(redis: Redis, bad: str) -> None:
    inbox, name = mailbox_of(redis), f"a{bad}b"
    file, place = Attachment(MediaKind.DOCUMENT, "ref", name=name, type=name), Place(1.5, 2.5, name)
    said = CitizenMessage("c1", Channel.TELEGRAM, name, name, 1, name, (file,), place, name, name)
    await inbox.accept(said)
    (kept,) = await inbox.pending("c1")
    file, place = Attachment(MediaKind.DOCUMENT, "ref", name="ab", type="ab"), Place(1.5, 2.5, "ab")
    assert kept == CitizenMessage("c1", Channel.TELEGRAM, "ab", "ab", kept.at, "ab", (file,), place, "ab", "ab")
    assert (await inbox.accept(said)).repeated


async def test_conversation_with_pending_messages_is_ready_exactly_once(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await asyncio.gather(*(inbox.accept(message(number)) for number in range(50)))
    assert await redis.xlen(keys.WORK) == 1


async def test_the_same_message_is_answered_once_by_two_workers(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.accept(message(1))
    outcomes = await asyncio.gather(answer(inbox, message(1), "uno"), answer(inbox, message(1), "dos"))
    assert sorted(outcomes) == [Committed.OK, Committed.STALE]
    said = [event.text for event in await inbox.events("c1") if event.author is Author.ASSISTANT]
    assert said in (["uno"], ["dos"])


async def test_answer_decided_before_a_person_took_over_is_not_sent(redis: Redis) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    await inbox.accept(message(1, "persona"))
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    await inbox.commit(
        [message(1, "persona")], (Reply("espera"),), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff
    )
    await inbox.accept(message(2, "sigo aquí"))
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
    late = await inbox.commit([message(2)], (Reply("tarde"),), speaker=Speaker.WAITING, change=Change())
    assert late is Committed.SPEAKER_CHANGED
    assert (await inbox.state("c1")).speaker is Speaker.STAFF
    assert [one.id for one in await inbox.pending("c1")] == ["m2"]


async def test_buttons_are_stored_with_payloads_and_shown_without(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    button = Button("Un bache", '/choose_entry{"entry": "bache"}', "b1")
    await inbox.accept(message(1))
    await inbox.commit(
        [message(1)], (Reply("¿cuál?", (button,)),), speaker=Speaker.ASSISTANT, change=Change(buttons=(button,))
    )
    assert (await inbox.state("c1")).buttons == (button,)
    assert (await inbox.events("c1"))[-1].message.buttons == (OfferedButton("b1", "Un bache"),)


async def open_ticket(redis: Redis, conversation: str, priority: Priority = Priority.NORMAL) -> None:
    inbox = mailbox_of(redis)
    one = message(1, "necesito ayuda", conversation)
    await inbox.accept(one)
    handoff = Handoff(HandoffReason.LOW_CONFIDENCE, priority, "atencion", (Candidate("bache", "¿Un bache?", 0.4),))
    await inbox.commit([one], (Reply("lugar {posicion}"),), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)


async def test_citizen_reads_the_position_that_the_queue_really_gave(redis: Redis) -> None:
    for number in range(3):
        await open_ticket(redis, f"c{number}")
    await open_ticket(redis, "urgente", Priority.EMERGENCY)
    told = [(await mailbox_of(redis).events(c))[1].text for c in ("c0", "c1", "c2", "urgente")]
    assert told == ["lugar 1", "lugar 2", "lugar 3", "lugar 1"]
    assert [ticket.conversation for ticket in await Tickets(redis).waiting()] == ["urgente", "c0", "c1", "c2"]


async def test_concurrent_claims_have_exactly_one_winner(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    tickets = Tickets(redis)
    (ticket,) = await tickets.waiting()

    async def claim(number: int) -> str:
        try:
            return (await tickets.claim(ticket.id, StaffRef(f"s{number}", f"Agente {number}"), Reply("hola"))).id
        except TicketTaken:
            return "taken"

    won = [one for one in await asyncio.gather(*(claim(number) for number in range(30))) if one != "taken"]
    assert won == [ticket.id]
    assert await tickets.waiting() == []
    assert len(await tickets.claimed()) == 1


async def test_repeated_staff_reply_is_sent_once_and_closing_returns_the_turn(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    inbox, tickets, ana = mailbox_of(redis), Tickets(redis), StaffRef("ana", "Ana")
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ana, Reply("te atiende Ana"))
    first = await tickets.reply(ticket.id, ana, "Hola, dime", "r1")
    assert await tickets.reply(ticket.id, ana, "Hola, dime", "r1") == first
    await tickets.close(ticket.id, ana, Reply("cerrado"))
    said = [event.text for event in await inbox.events("c1") if event.author is Author.STAFF]
    assert said == ["Hola, dime"]
    assert (await inbox.state("c1")).speaker is Speaker.ASSISTANT
    assert await tickets.claimed() == []


async def test_message_of_the_agent_makes_earlier_options_stale(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    inbox, tickets, ana = mailbox_of(redis), Tickets(redis), StaffRef("ana", "Ana")
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ana, Reply("te atiende Ana"))
    await inbox.accept(message(2, "borrar mis datos"))
    change = Change(buttons=(Button("Sí, borrar", "own:sure", "b1"),))
    await inbox.commit([message(2)], (Reply("¿borro?"),), speaker=Speaker.STAFF, change=change)
    assert (await inbox.state("c1")).buttons == change.buttons
    assert await redis.llen(keys.unanswered_key("c1")) == 1  # the menu does not answer for the agent
    await tickets.reply(ticket.id, ana, "¿Vives en la comuna?", "r1")
    assert (await inbox.state("c1")).buttons == ()


async def test_returning_to_the_assistant_leaves_the_queue(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    inbox = mailbox_of(redis)
    await inbox.accept(message(2, "volver"))
    await inbox.commit([message(2)], (), speaker=Speaker.WAITING, change=Change(cancel_ticket=True))
    assert await Tickets(redis).waiting() == []
    assert (await inbox.state("c1")).speaker is Speaker.ASSISTANT
    assert (await inbox.state("c1")).ticket is None


async def test_ticket_remembers_that_its_citizen_knows_how_to_leave_a_complaint(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    inbox = mailbox_of(redis)
    await inbox.accept(message(2, "quiero reclamar"))
    await inbox.commit([message(2)], (), speaker=Speaker.WAITING, change=Change(complaint_explained=True))
    state = await inbox.state("c1")
    assert (bool(state.ticket), state.complaint_explained) == (True, state.ticket)


async def test_erasing_leaves_the_ticket_of_an_emergency_open(redis: Redis) -> None:
    await open_ticket(redis, "c1", Priority.EMERGENCY)
    inbox = mailbox_of(redis)
    await inbox.accept(message(2, "sí"))
    change = Change(erase="D-4F7K92QX", revoke=True, cancel_ticket=True)
    assert await inbox.commit([message(2)], (Reply("listo"),), speaker=Speaker.WAITING, change=change) == "ok"
    assert len(await Tickets(redis).waiting()) == 1
    assert await redis.hexists(keys.ERASURES, "c1") and await StoredConversation(redis).is_busy("c1")


async def test_erasing_while_attended_ends_the_ticket_so_that_the_erasure_is_carried_out(redis: Redis) -> None:
    await open_ticket(redis, "c1")
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    await tickets.claim((await tickets.waiting())[0].id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
    await inbox.accept(message(2, "sí"))
    change = Change(erase="D-4F7K92QX", revoke=True, cancel_ticket=True)
    assert await inbox.commit([message(2)], (Reply("listo"),), speaker=Speaker.STAFF, change=change) == "ok"
    state = await inbox.state("c1")
    assert (await tickets.claimed(), state.speaker, state.ticket) == ([], Speaker.ASSISTANT, None)
    assert (await redis.hget(keys.ERASURES, "c1")).startswith("D-4F7K92QX ")


async def test_unstorable_text_is_made_readable(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.accept(message(1, "ho\x00la \ud83d\x1b[31m\nchao"))
    assert (await inbox.events("c1"))[0].text == "hola [31m\nchao"


async def test_welcome_is_sent_once(redis: Redis, agency: Agency) -> None:
    inbox = mailbox_of(redis)
    welcome = Reply(agency.say("bienvenida"))
    assert [await inbox.open("c1", Channel.WEB, welcome) for _ in range(2)] == [True, False]
    assert len(await inbox.events("c1")) == 1


async def test_rate_limit_counts_and_ends(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    assert [await inbox.allow("ip:1", 2, 60) for _ in range(3)] == [True, True, False]


async def test_uses_of_several_limits_count_until_one_is_beyond(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    uses = [("a", 3, 1), ("b", 4, 2), ("c", 9, 1)]
    assert [await inbox.allow_all(uses, 60, conversation="c1", id=f"m{n}") for n in (1, 1, 2, 3)] == [True] * 3 + [
        False
    ]
    used = [await redis.hget(keys.uses_key(name), "used") for name in "abc"]
    assert used == ["3", "4", "2"]


async def test_repeated_message_counts_once_even_if_storing_it_failed_or_after_the_window(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    assert [await inbox.allow("n", 2, 60, conversation="c1", id="m1") for _ in range(9)] == [True] * 9
    assert await inbox.allow("n", 2, 60, conversation="c2", id="m1")
    assert not await inbox.allow("n", 2, 60, conversation="c1", id="m2")
    await inbox.accept(message(3, "hola"))
    assert await inbox.allow("n", 2, 60, conversation="c1", id=message(3, "hola").id)


async def test_more_requests_than_connections_wait_their_turn(redis: Redis) -> None:
    async def connected() -> int:
        return int((await redis.info("clients"))["connected_clients"])

    inbox, others = mailbox_of(redis), await connected() - 1
    told = await asyncio.gather(
        *(inbox.open(f"c{number}", Channel.WEB, Reply("hola")) for number in range(10 * CONNECTIONS))
    )
    assert told == [True] * 10 * CONNECTIONS
    assert await connected() <= CONNECTIONS + others


async def test_event_of_a_later_release_is_hidden_from_citizens_and_hides_nothing_else(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.accept(message(1))
    later = {"kind": "ticket_merged", "author": "system", "text": "nuevo", "data": '{"with": "9"}', "at": "1"}
    await redis.xadd(keys.log_key("c1"), later)
    await inbox.accept(message(2))
    expected = [EventKind.MESSAGE, EventKind.MESSAGE]
    assert [event.kind for event in await inbox.events("c1")] == expected
    assert [[event.kind for event in feed] for feed in await inbox.latest(["c1"], 10)] == [expected]
    assert [event.kind for event in await inbox.events("c1", staff=True)][1] is EventKind.UNKNOWN


def content_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_contact_that_waits_for_its_turn_is_not_in_valkeys_file(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await inbox.open("c1", Channel.WEB, None)
    await redis.hset(keys.conversation_key("c1"), "form", "contact")
    said = CitizenMessage("c1", Channel.WEB, "m-contact", "mi fono es +56 9 8361 7249", at=0)
    await inbox.accept(said)
    written = content_of(Path((await redis.config_get("dir"))["dir"]))
    assert b"m-contact" in written
    assert b"8361 7249" not in written
    assert [one.text for one in await inbox.pending("c1")] == [said.text]
