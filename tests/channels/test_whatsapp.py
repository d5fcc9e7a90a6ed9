"""Tests the features that only WhatsApp has: templates, 24-hour window, statuses, opting out, speed without Rasa."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.channels.outgoing.message_limits import MESSAGES
from bot.channels.whatsapp.reminder import Reminders
from bot.channels.whatsapp.render import WhatsAppChunk, join, render
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.event_facts import MessageFacts, OfferedButton
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Reply
from bot.core.reply_window import ReplyWindow
from bot.handoff.callbacks.news import CallbackNews
from bot.handoff.hours import ServiceHours
from bot.metrics.measures import REGISTRY
from bot.run.ports import free_port
from bot.store.client import open_redis
from bot.store.keys import NOTICES_OFF
from bot.tickets.outbox import Delivery, Outbox
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.channels.twilio_peer import SENDER, SERVICE, SID, TOKEN, filled
from tests.channels.whatsapp_payloads import payload
from tests.channels.whatsapp_stand import (
    ANSWER,
    BUTTONS,
    CITIZEN,
    LISTS,
    PATH,
    PUBLIC,
    WhatsAppStand,
    sid,
    whatsapp_stand,
)
from tests.eventually import eventually
from tests.no_record import mailbox_of
from tests.transcripts import SECRET

REFUSED = "ventanilla_refusals_total", {"what": "signature"}
STATUS = f"{PATH}/status"
HOUR_MS = 3600 * 1000
ANA = StaffRef("ana", "Ana")


@pytest_asyncio.fixture
async def quiet(redis: Any, agency: Agency) -> AsyncIterator[WhatsAppStand]:
    """Starts the channel without Rasa, worker or sender."""
    async with whatsapp_stand(redis, agency, work=False, templates=Templates(BUTTONS, LISTS, ANSWER)) as made:
        yield made


@pytest_asyncio.fixture
async def stand(redis: Any, agency: Agency) -> AsyncIterator[WhatsAppStand]:
    async with whatsapp_stand(redis, agency, templates=Templates(BUTTONS, LISTS, ANSWER)) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        yield made


async def wrote_ago(stand: WhatsAppStand, hours: float) -> None:
    at = int(time.time() * 1000 - hours * HOUR_MS)
    await stand.world.redis.hset(f"v:conv:{stand.conversation}", "inbound_at", at)


async def with_staff(stand: WhatsAppStand) -> str:
    """Claims the citizen's ticket for Ana; returns its id."""
    await stand.write("persona", id=1)
    await eventually(lambda: stand.peer.sent)
    tickets = Tickets(stand.world.redis)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ANA, Reply("Te atiende Ana.", author=Author.SYSTEM))
    await eventually(lambda: len(stand.peer.sent) == 2)
    return ticket.id


async def decision(stand: WhatsAppStand, event_id: str) -> tuple[str, str]:
    """Waits for an event's delivery; returns its state and reason."""

    async def look() -> Delivery | None:
        return (await stand.world.outbox.deliveries(stand.conversation)).get(event_id)

    known = await eventually(look)
    return known.state, known.reason


# The webhook


async def test_message_is_acknowledged_quickly_while_rasa_is_stopped(quiet: WhatsAppStand) -> None:
    for number in range(MESSAGES):
        assert await quiet.write(f"pregunta {number}", id=number + 1) == 200
    assert len(await quiet.world.inbox.pending(quiet.conversation)) == MESSAGES


async def test_response_to_twilio_is_an_empty_twiml(quiet: WhatsAppStand) -> None:
    answer = await quiet.post(payload("text"))
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


async def test_twilio_is_asked_to_retry_while_nothing_can_be_stored(redis: Any, agency: Agency) -> None:
    async with whatsapp_stand(open_redis(f"redis://127.0.0.1:{free_port()}/0", SECRET), agency, work=False) as stand:
        assert await stand.write("hola", id=1) == 503


async def test_oversized_request_is_refused(quiet: WhatsAppStand) -> None:
    assert (await quiet.post({"Body": "x" * 70_000})).status_code == 413


async def test_query_is_part_of_the_signature(quiet: WhatsAppStand) -> None:
    assert (await quiet.post(payload("text"), path=f"{PATH}?a=%31&b=")).status_code == 200


# Choices


def event(text: str, *titles: str) -> Event:
    buttons = tuple(OfferedButton(f"id{number}", title) for number, title in enumerate(titles, 1))
    return Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, text, MessageFacts(buttons=buttons))


def only(*args: Any) -> WhatsAppChunk:
    (part,) = render(*args)
    return part


def test_up_to_three_short_choices_are_buttons() -> None:
    part = only(event("¿Cuál?", "Sí", "No"), Templates(BUTTONS, LISTS))
    assert part.template == BUTTONS[2]
    assert dict(part.variables) == {"1": "¿Cuál?", "2": "Sí", "3": "id1", "4": "No", "5": "id2"}


def test_longer_or_more_choices_are_a_list() -> None:
    long = "¿Cómo renuevo mi licencia de conducir?"
    part = only(event("¿Cuál?", long, "Ninguna de estas"), Templates(BUTTONS, LISTS))
    assert part.template == LISTS[2]
    assert dict(part.variables)["2"] == "¿Cómo renuevo mi licenc…"
    assert dict(part.variables)["3"] == long
    assert only(event("¿Cuál?", *"abcde"), Templates(BUTTONS, LISTS)).template == LISTS[5]


@pytest.mark.parametrize(
    ("templates", "titles", "text"),
    [
        (Templates(), ("Sí", "No"), "¿Cuál?"),
        (Templates(BUTTONS, LISTS), tuple("abcdefghijk"), "¿Cuál?"),
        (Templates(BUTTONS, LISTS), ("x" * 73, "No"), "¿Cuál?"),
        (Templates(BUTTONS, LISTS), ("Sí", "No"), "palabra " * 150),
    ],
)
def test_other_choices_are_numbered_text(templates: Templates, titles: tuple[str, ...], text: str) -> None:
    part = only(event(text, *titles), templates)
    assert part.template == ""
    assert f"1. {titles[0]}\n2. {titles[1]}" in part.text
    assert part.text.endswith("Responde con el número de tu opción.")


# Sending


async def test_sender_is_a_number_or_a_messaging_service(redis: Any, agency: Agency) -> None:
    for service, said in ((False, {"From": SENDER}), (True, {"MessagingServiceSid": SERVICE})):
        async with whatsapp_stand(redis, agency, service=service) as stand:
            await stand.write("hola", id=1)
            await eventually(lambda stand=stand: stand.peer.sent)
            expected = {"To": CITIZEN, "StatusCallback": f"{PUBLIC}{STATUS}#rc=3&rp=all"} | said
            assert {name: value for name, value in stand.peer.sent[-1].items() if name != "Body"} == expected
            assert stand.peer.refused == []
        await redis.flushall()


async def test_free_text_goes_out_only_within_the_window(stand: WhatsAppStand) -> None:
    send = stand.world.channel.send
    await stand.world.inbox.open(stand.conversation, stand.world.channel.channel, None)
    key = f"{stand.conversation}:1-0:0"
    await wrote_ago(stand, 23.9)
    assert await send(CITIZEN, WhatsAppChunk("hola"), key) == sid(1)
    await wrote_ago(stand, 24)
    with pytest.raises(SendRefused) as refused:
        await send(CITIZEN, WhatsAppChunk("hola"), key)
    assert refused.value.reason == "window_closed"
    assert len(stand.peer.sent) == 1


async def test_staff_reply_goes_through_the_template_after_the_window(stand: WhatsAppStand) -> None:
    ticket = await with_staff(stand)
    await wrote_ago(stand, 30)
    await Tickets(stand.world.redis).reply(ticket, ANA, "Ya está listo.\nVen mañana.", "r1")
    await eventually(lambda: len(stand.peer.sent) == 3)
    assert stand.peer.sent[2]["ContentSid"] == ANSWER
    assert json.loads(stand.peer.sent[2]["ContentVariables"]) == {"1": "*Ana:* Ya está listo. Ven mañana."}
    assert "Body" not in stand.peer.sent[2]


async def test_desk_preview_equals_what_the_citizen_reads_after_the_window(stand: WhatsAppStand) -> None:
    ticket = await with_staff(stand)
    await wrote_ago(stand, 30)
    text = "Ya está *listo*.\nVen mañana."
    event = Event("0-0", stand.conversation, EventKind.MESSAGE, Author.STAFF, text, MessageFacts(name="Ana"))
    shown = await stand.world.channel.preview(event)
    await Tickets(stand.world.redis).reply(ticket, ANA, text, "r1")
    await eventually(lambda: len(stand.peer.sent) == 3)
    sent = stand.peer.sent[2]
    read = filled(stand.peer.templates[sent["ContentSid"]], json.loads(sent["ContentVariables"]))
    assert read["twilio/text"]["body"] == shown
    assert shown.startswith("Respuesta a tu consulta: *Ana:* Ya está")


async def test_undeliverable_reply_has_no_preview(stand: WhatsAppStand) -> None:
    def said(text: str) -> Event:
        return Event("0-0", stand.conversation, EventKind.MESSAGE, Author.STAFF, text, MessageFacts(name="Ana"))

    stand.peer.down = True
    with pytest.raises(SendLater):
        await stand.world.channel.preview(said("hola"))
    stand.peer.down = False
    assert await stand.world.channel.preview(said("a" * 890))
    for text in ("a" * 900, "largo. " * 400):
        with pytest.raises(SendRefused) as refused:
            await stand.world.channel.preview(said(text))
        assert refused.value.reason == "too_long"
    await stand.world.redis.sadd(NOTICES_OFF, stand.conversation)
    with pytest.raises(SendRefused) as refused:
        await stand.world.channel.preview(said("hola"))
    assert refused.value.reason == "opted_out"


async def test_missed_call_notice_uses_the_template_after_the_window(stand: WhatsAppStand, agency: Agency) -> None:
    await stand.write("hola", id=1)
    await eventually(lambda: stand.peer.sent)
    await wrote_ago(stand, 30)
    for templates, told in ((Templates(), False), (Templates(answer=ANSWER), True)):
        news = CallbackNews(stand.world.inbox, replace(agency, templates=templates), ServiceHours(agency))
        assert await news.not_reached(stand.conversation, "obras", "+56 9 •••• 3211", None) == told
    await eventually(lambda: len(stand.peer.sent) == 2)
    assert stand.peer.sent[1]["ContentSid"] == ANSWER
    assert "+56 9 •••• 3211" in json.loads(stand.peer.sent[1]["ContentVariables"])["1"]
    await stand.world.redis.sadd(NOTICES_OFF, stand.conversation)
    assert not await news.not_reached(stand.conversation, "obras", "+56 9 •••• 3211", None)


async def test_opted_out_citizen_gets_nothing_after_the_window(stand: WhatsAppStand) -> None:
    ticket = await with_staff(stand)
    await stand.write("NO MÁS AVISOS", id=2)
    await eventually(lambda: len(stand.peer.sent) == 3)
    await wrote_ago(stand, 30)
    event_id = await Tickets(stand.world.redis).reply(ticket, ANA, "Ya está listo.", "r1")
    assert await decision(stand, event_id) == ("failed", "opted_out")


async def test_wrong_credentials_make_messages_wait(stand: WhatsAppStand) -> None:
    await stand.write("hola", id=1)
    await eventually(lambda: stand.peer.sent)
    stand.peer.answer_next(401, 20003)
    with pytest.raises(SendLater) as later:
        await stand.world.channel.send(CITIZEN, WhatsAppChunk("hola"), f"{stand.conversation}:1-0:0")
    assert (later.value.reason, later.value.everyone) == ("not_configured", True)


async def test_replies_of_one_turn_are_one_message(stand: WhatsAppStand) -> None:
    await stand.write("persona", id=1)
    await eventually(lambda: stand.peer.sent)
    assert [one["Body"] for one in stand.peer.sent] == ["Te dejo con alguien.\n\nLugar 1."]
    said = [one.id for one in await stand.world.inbox.events(stand.conversation) if one.author is not Author.CITIZEN]
    await told(stand, "read")

    async def look() -> bool:
        return [(await decision(stand, event_id))[0] for event_id in said[:2]] == ["read", "read"]

    await eventually(look)


def test_replies_are_joined_while_they_fit_and_keep_their_buttons() -> None:
    templates = Templates(BUTTONS, LISTS)
    offer = event("¿Cuál?", "Sí", "No")
    plain, long = event("Hola."), event("palabra " * 150)
    joined = join((plain, offer), templates)
    assert joined is not None
    assert dict(joined.variables)["1"] == "Hola.\n\n¿Cuál?"
    assert join((offer, plain), templates) is None
    assert join((long, offer), templates) is None
    assert join((long, long), templates) is None
    assert join((plain, Event("2-0", "c", EventKind.MESSAGE, Author.STAFF, "Soy Ana")), templates) is None


# Statuses


async def sent_event(stand: WhatsAppStand) -> str:
    """Returns the event id of an answer that was sent as message 1."""
    await stand.write("hola", id=1)
    await eventually(lambda: stand.peer.sent)
    feed = await stand.world.inbox.events(stand.conversation)
    event_id = feed[-1].id
    assert await decision(stand, event_id) == ("sent", "")
    return event_id


async def told(stand: WhatsAppStand, status: str, code: str = "") -> None:
    fields = payload("status_delivered") | {"MessageStatus": status, "SmsStatus": status}
    answer = await stand.post(fields | ({"ErrorCode": code} if code else {}), path=STATUS)
    assert answer.status_code == 204


async def test_statuses_only_move_forward(stand: WhatsAppStand) -> None:
    event_id = await sent_event(stand)
    seen = []
    for status in ("queued", "sent", "read", "delivered", "sent", "undelivered"):
        await told(stand, status)
        seen.append((await decision(stand, event_id))[0])
    assert seen == ["sent", "sent", "read", "read", "read", "read"]


async def test_late_failure_is_shown_to_the_desk_once(stand: WhatsAppStand) -> None:
    event_id = await sent_event(stand)
    for _ in range(2):
        await told(stand, "undelivered", "63016")
    assert await decision(stand, event_id) == ("failed", "window_closed")
    feed = await stand.world.inbox.events(stand.conversation)
    assert [one.facts.reason for one in feed if one.kind == "delivery"] == ["window_closed"]


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"), [("failed", "63024", "failed", "not_on_whatsapp"), ("read", "", "read", "")]
)
async def test_status_that_precedes_the_recording_is_not_lost(
    stand: WhatsAppStand, status: str, code: str, state: str, reason: str
) -> None:
    await told(stand, status, code)
    event_id = await sent_event(stand)

    async def look() -> bool:
        return await decision(stand, event_id) == (state, reason)

    await eventually(look)


# Files


async def test_staff_may_fetch_a_citizens_file(quiet: WhatsAppStand) -> None:
    await quiet.photo(id=1)
    (event,) = await quiet.world.inbox.events(quiet.conversation)
    ref = quiet.world.addresses.decrypt(event.message.attachments[0].ref)
    assert ref is not None
    quiet.peer.files["ME1"] = b"\xff\xd8\xff picture"
    assert await quiet.world.channel.fetch(ref) == b"\xff\xd8\xff picture"
    quiet.peer.files.clear()
    with pytest.raises(SendRefused):
        await quiet.world.channel.fetch(ref)
    quiet.peer.down = True
    with pytest.raises(SendLater):
        await quiet.world.channel.fetch(ref)


@pytest.mark.parametrize("url", ["https://evil.example/a", "http://api.twilio.com/a", "https://eviltwilio.com/a"])
async def test_credentials_go_to_twilio_only(quiet: WhatsAppStand, url: str) -> None:
    with pytest.raises(SendRefused):
        await quiet.world.channel.fetch(f"whatsapp:{url}")


# Opting out, and the reminder


async def reminders(stand: WhatsAppStand) -> Reminders:
    redis = stand.world.redis
    notice = Reply("Sigue en la **fila**.", author=Author.SYSTEM)
    return Reminders(tickets=Tickets(redis), inbox=mailbox_of(redis), outbox=Outbox(redis), notice=notice)


async def test_waiting_citizen_is_reminded_once_before_the_window_closes(stand: WhatsAppStand) -> None:
    await with_staff(stand)
    looking = await reminders(stand)
    counts = []
    for hours in (1.0, 22.9, 23.5, 23.5, 24.5):
        await wrote_ago(stand, hours)
        counts.append(await looking.remind())
    assert counts[:3] == [0, 0, 1]
    assert counts[4] == 0


async def test_each_window_has_one_reminder(stand: WhatsAppStand) -> None:
    await with_staff(stand)
    await wrote_ago(stand, 23.5)
    looking = await reminders(stand)
    assert [await looking.remind() for _ in range(3)] == [1, 0, 0]
    await eventually(lambda: stand.peer.sent[-1].get("Body") == "Sigue en la *fila*.")


async def test_opted_out_citizen_is_not_reminded(stand: WhatsAppStand) -> None:
    await with_staff(stand)
    await stand.write("stop", id=2)
    await eventually(lambda: len(stand.peer.sent) == 3)
    await wrote_ago(stand, 23.5)
    assert await (await reminders(stand)).remind() == 0


def test_desk_gets_the_end_of_the_window() -> None:
    assert ReplyWindow(24).closes_at(0) == 0
    assert ReplyWindow(24).closes_at(1_000) == 24 * HOUR_MS + 1_000


# What is logged


async def failed_once(stand: WhatsAppStand) -> None:
    await eventually(lambda: stand.world.outbox.deliveries(stand.conversation))


async def test_no_log_entry_holds_a_secret_a_number_or_a_message(stand: WhatsAppStand, capsys: Any) -> None:
    stand.peer.answer_next(400, 63016)
    await stand.write("mi rut es 12.345.678-5", id=1)
    await failed_once(stand)
    before = REGISTRY.get_sample_value(*REFUSED)
    await stand.forged("soy el alcalde")
    assert REGISTRY.get_sample_value(*REFUSED) == (before or 0) + 1
    await stand.garbage()
    await told(stand, "failed", "63024")
    logged = "".join(capsys.readouterr())
    assert "webhook: forged request refused" in logged
    assert [word for word in (TOKEN, SID, "56911112222", "12.345", "alcalde") if word in logged] == []
