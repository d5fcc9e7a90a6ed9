"""Tests the behaviour that all channels share: each test runs against each channel's stand (behaviours.py)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from redis.exceptions import ConnectionError as RedisUnreachable

from bot.agency.model import Agency
from bot.channels.outgoing.channel import Choice
from bot.channels.outgoing.message_limits import MESSAGES, WINDOW_S
from bot.conversation.signals import Signals
from bot.core.messages import Author, Reply, Speaker
from bot.core.texts import say
from bot.desk.views.transcript import event_view
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting
from bot.handoff.media import Media, Upload
from bot.handoff.notices import near_notice
from bot.handoff.service import Desk
from bot.store import keys
from bot.text.notice_words import NOTIFY_NEAR_ID
from bot.tickets.presence import Presences
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Replied, Tickets
from bot.tickets.waits import Waits
from tests.channels.behaviours import Got, Stand
from tests.channels.stands import EVERY
from tests.channels.world import LONG
from tests.eventually import PATIENCE_S, eventually
from tests.no_record import none_blocked
from tests.pictures import picture
from tests.sure_answers import ANSWER, QUESTION, sure_answers

ANA = Agent("ana", "Ana")
PNG = picture()
PDF = b"%PDF-1.7 a document"


@pytest_asyncio.fixture(params=sorted(EVERY))
async def stand(request: pytest.FixtureRequest, redis: Any, agency: Agency) -> AsyncIterator[Stand]:
    async with EVERY[request.param](redis, agency) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        yield made


def texts(stand: Stand) -> list[str]:
    return [one.text for one in stand.got()]


async def written(stand: Stand) -> list[str]:
    feed = await stand.world.inbox.events(stand.conversation)
    return [event.text for event in feed if event.author is Author.CITIZEN]


async def test_message_that_was_refused_and_comes_again_is_stored_once_after_those_since(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checks that a message that the provider repeats later is stored once, after messages written since."""

    async def away(*_: object, **__: object) -> None:
        raise RedisUnreachable

    with monkeypatch.context() as patch:
        patch.setattr("bot.conversation.inbox.Inbox.accept", away)
        assert await stand.write("primero", id=1) == 503
    for id, text in ((2, "segundo"), (1, "primero"), (1, "primero")):
        assert await stand.write(text, id=id) == 200
    assert await written(stand) == ["segundo", "primero"]


async def test_message_is_stored_before_it_is_acknowledged_and_then_answered(stand: Stand) -> None:
    assert await stand.write("¿cómo renuevo la licencia?", id=1) == 200
    assert await written(stand) == ["¿cómo renuevo la licencia?"]
    await eventually(lambda: texts(stand) == ["eco: ¿cómo renuevo la licencia?"])


@pytest.mark.parametrize("first", ["hola", "baja"])
async def test_too_many_messages_are_dropped_with_one_notice_but_no_emergency(stand: Stand, first: str) -> None:
    await stand.write(first, id=9)
    await eventually(lambda: texts(stand))
    await stand.world.inbox.allow(f"chat:{stand.conversation}", MESSAGES, WINDOW_S, cost=MESSAGES - 1)
    assert [await stand.write(f"pregunta {number}", id=number) for number in (1, 2)] == [200, 200]
    assert await stand.write("hay un incendio en mi casa", id=3) == 200
    assert await written(stand) == [first, "hay un incendio en mi casa"]
    await eventually(lambda: any("132" in text for text in texts(stand)))
    await eventually(lambda: texts(stand).count(say("canales.muchos_mensajes")) == 1)


async def test_repeats_do_not_count_as_messages(stand: Stand) -> None:
    await stand.world.inbox.allow(f"chat:{stand.conversation}", MESSAGES, WINDOW_S, cost=MESSAGES - 2)
    for _ in range(MESSAGES):
        assert await stand.write("una vez", id=1) == 200
    await stand.write("otra", id=2)
    assert await written(stand) == ["una vez", "otra"]


async def test_repeat_is_dropped(stand: Stand) -> None:
    for _ in range(3):
        assert await stand.write("una vez", id=7) == 200
    await stand.write("otra", id=8)
    await eventually(lambda: texts(stand) == ["eco: una vez", "eco: otra"])


async def test_answers_keep_the_order_of_the_questions(stand: Stand) -> None:
    for number in range(1, 5):
        await stand.write(f"pregunta {number}", id=number)
    await eventually(lambda: texts(stand) == [f"eco: pregunta {number}" for number in range(1, 5)], 30)


async def test_forged_call_is_refused_and_leaves_no_trace(stand: Stand) -> None:
    assert await stand.forged("soy el alcalde") == 403
    assert await written(stand) == []


async def test_unreadable_call_is_acknowledged_so_that_it_is_not_sent_again(stand: Stand) -> None:
    assert await stand.garbage() == 200
    assert await written(stand) == []


async def test_content_of_an_unknown_kind_is_answered(stand: Stand) -> None:
    assert await stand.unknown(id=1) == 200
    await eventually(lambda: texts(stand) == [stand.world.agency.say("mensaje_vacio")])


async def test_photo_is_kept_for_staff_and_the_citizen_gets_instructions(stand: Stand) -> None:
    assert await stand.photo(id=1) == 200
    (told,) = await eventually(lambda: texts(stand))
    assert told.startswith("Recibí tu archivo")
    (event,) = [one for one in await stand.world.inbox.events(stand.conversation) if one.author is Author.CITIZEN]
    (kept,) = event.message.attachments
    assert kept.kind == "photo"
    assert stand.world.addresses.decrypt(kept.ref) not in {None, kept.ref}


async def test_long_answer_is_split_within_the_limit_without_losing_a_word(stand: Stand) -> None:
    await stand.write("largo", id=1)
    words = LONG.replace("*", "").split()
    await eventually(lambda: [word for text in texts(stand) for word in text.replace("*", "").split()] == words, 40)
    assert len(stand.got()) > 1
    assert all(stand.length(text) <= stand.text_limit for text in texts(stand))


@pytest.mark.parametrize("way", ["press", "number", "place", "title"])
async def test_choice_means_the_same_by_click_number_and_title(stand: Stand, way: str) -> None:
    await stand.write("opciones", id=1)
    (offer,) = await eventually(stand.got)
    if way == "press":
        await stand.press(offer.choices[1], id=2)
    else:
        await stand.write({"number": "2", "place": "la opción dos, por favor", "title": "la segunda"}[way], id=2)
    await eventually(lambda: texts(stand)[1:] == ["elegiste la segunda"])


async def test_button_of_an_old_turn_fails_politely(stand: Stand) -> None:
    await stand.write("opciones", id=1)
    (offer,) = await eventually(stand.got)
    await stand.write("otro asunto", id=2)
    await eventually(lambda: len(stand.got()) == 2)
    await stand.press(Choice(offer.choices[0].id, offer.choices[0].title), id=3)
    await eventually(lambda: texts(stand)[2:] == [stand.world.agency.say("opcion_vencida")])


async def test_rate_limit_is_obeyed_and_the_order_kept(stand: Stand) -> None:
    stand.limit_next(1)
    await stand.write("primera", id=1)
    await stand.write("segunda", id=2)
    await eventually(lambda: texts(stand) == ["eco: primera", "eco: segunda"], 30)


async def test_invalid_provider_responses_are_retried_until_valid(stand: Stand) -> None:
    stand.babble(True)
    await stand.write("pregunta 1", id=1)
    tried = keys.retry_key(stand.world.channel.channel)
    async for _ in _while(lambda waiting: not waiting, stand.world.redis.zcard, tried):
        pass
    stand.babble(False)
    await stand.write("pregunta 2", id=2)
    await eventually(lambda: texts(stand) == ["eco: pregunta 1", "eco: pregunta 2"], 30)


async def test_repeat_with_another_text_changes_nothing(stand: Stand) -> None:
    for text in ("lo primero", "otro asunto", "lo primero"):
        assert await stand.write(text, id=7) == 200
    await eventually(lambda: texts(stand) == ["eco: lo primero"])
    assert await written(stand) == ["lo primero"]


async def test_provider_that_was_down_gets_everything_when_it_is_back(stand: Stand) -> None:
    stand.break_down(True)
    for number in (1, 2):
        assert await stand.write(f"pregunta {number}", id=number) == 200
    feed = stand.world.inbox.events
    async for _ in _while(lambda events: len(events) < 4, feed, stand.conversation):
        pass
    assert stand.got() == []
    stand.break_down(False)
    await eventually(lambda: texts(stand) == ["eco: pregunta 1", "eco: pregunta 2"], 30)


async def test_unreachable_citizen_is_marked_for_staff_and_delays_nobody_else(stand: Stand) -> None:
    stand.refuse_next()
    await stand.write("adiós a todos", id=1)
    outbox, inbox = stand.world.outbox, stand.world.inbox
    async for known in _while(lambda known: not known, outbox.deliveries, stand.conversation):
        assert known == {}
    (failed,) = (await outbox.deliveries(stand.conversation)).values()
    assert (failed.state, failed.reason) == ("failed", "blocked")
    assert (await inbox.events(stand.conversation))[-1].facts.reason == "blocked"
    await stand.write("volví", id=2)
    await eventually(lambda: texts(stand) == ["eco: volví"])


async def test_opting_out_and_in_is_confirmed_and_stored(stand: Stand) -> None:
    for number, (word, off) in enumerate((("Baja", True), ("STOP", True), ("alta", False), ("¡ALTO!", True)), 1):
        await stand.write(word, id=number)
        await eventually(lambda number=number: len(stand.got()) == number)
        told = stand.world.agency.say("baja_avisos" if off else "alta_avisos")
        assert texts(stand)[-1].replace("*", "") == told.replace("*", "")
        assert (await stand.world.inbox.state(stand.conversation)).notices_off is off
    await stand.write("¿y la patente?", id=9)
    await eventually(lambda: texts(stand)[-1] == "eco: ¿y la patente?")


@pytest.mark.parametrize(
    ("latitude", "expected", "shown", "comuna"),
    [
        (-33.25, "dentro de la zona que atendemos", "dentro de la zona que atendemos", "los-aromos"),
        (-33.45, "fuera de la zona que atiende Los Aromos", "fuera de la zona que atendemos", "otra-comuna"),
    ],
)
async def test_shared_location_is_answered_as_inside_or_outside(
    stand: Stand, latitude: float, expected: str, shown: str, comuna: str
) -> None:
    assert await stand.place(latitude, -70.77, id=1) == 200
    (answer,) = await eventually(lambda: texts(stand))
    assert expected in answer.replace("*", "")
    assert (await stand.world.inbox.state(stand.conversation)).known["comuna"] == comuna
    (event,) = [one for one in await stand.world.inbox.events(stand.conversation) if one.author is Author.CITIZEN]
    (attached,) = event_view(event, stand.world.agency.territory).attached
    assert attached.words == f"Ubicación en el mapa · {shown}"
    assert attached.url.startswith(f"https://www.openstreetmap.org/?mlat={latitude}")


async def attended(stand: Stand) -> Ticket:
    """Returns the citizen's ticket after Ana claimed it and the citizen was informed."""
    await stand.write("persona", id=1)
    await eventually(lambda: any("Lugar 1" in text for text in texts(stand)))
    tickets = Tickets(stand.world.redis)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ANA.ref, Reply("Te atiende Ana.", author=Author.SYSTEM))
    await eventually(lambda: texts(stand)[-1] == "Te atiende Ana.")
    return ticket


async def attach(stand: Stand, ticket: Ticket, name: str, content: bytes, text: str) -> Replied:
    """Sends a file as Ana, as the desk does."""
    world = stand.world
    media = Media(tickets=Tickets(world.redis), files=world.files, public_url="https://chat.losaromos.example")
    inbound_at = (await world.inbox.state(stand.conversation)).inbound_at
    return await media.send(
        Waiting(ticket, None, 0, inbound_at=inbound_at), ANA, Upload(name, content, "reply-0001", text)
    )


async def closed(stand: Stand) -> Got:
    """Closes the ticket as the desk does; returns the request for a rating that the citizen gets."""
    ticket = await attended(stand)
    world, before = stand.world, len(stand.got())
    presences = Presences(world.redis)
    desk = Desk(
        tickets=Tickets(world.redis),
        inbox=world.inbox,
        signals=Signals(world.redis),
        presences=presences,
        agency=world.agency,
        blocked=none_blocked,
    )
    await desk.close(ticket.id, ANA)
    await eventually(lambda: any(one.choices for one in stand.got()[before:]))
    asked = stand.got()[-1]
    assert "¿Cómo fue la atención, de 1 (muy mala) a 5 (muy buena)?" in asked.text
    assert [one.title for one in asked.choices] == ["Muy mala", "Mala", "Regular", "Buena", "Muy buena"]
    return asked


async def ratings(stand: Stand) -> list[tuple[int, str]]:
    feed = await stand.world.inbox.events(stand.conversation)
    return [(event.facts.score, event.text) for event in feed if event.kind == "opinion"]


async def test_old_button_pressed_with_a_person_shows_its_title_and_is_answered(stand: Stand) -> None:
    await stand.write("opciones", id=20)
    (offer,) = await eventually(stand.got)
    ticket = await attended(stand)
    await stand.press(offer.choices[1], id=21)
    await eventually(lambda: texts(stand)[-1] == stand.world.agency.say("opcion_con_persona"))
    assert (await written(stand))[-1] == "La segunda"
    await Tickets(stand.world.redis).reply(ticket.id, ANA.ref, "Aquí estoy", "r1")
    await eventually(lambda: texts(stand)[-1] == "Ana:\nAquí estoy")


async def test_old_button_pressed_in_the_queue_is_answered(stand: Stand) -> None:
    await stand.write("opciones", id=20)
    (offer,) = await eventually(stand.got)
    await stand.write("persona", id=1)
    await eventually(lambda: any("Lugar 1" in text for text in texts(stand)))
    await stand.press(offer.choices[1], id=21)
    await eventually(lambda: texts(stand)[-1] == stand.world.agency.say("opcion_con_persona"))
    assert (await written(stand))[-1] == "La segunda"


@pytest.mark.parametrize("way", ["press", "number", "title"])
async def test_support_session_is_rated_three_ways_and_the_comment_is_no_question(stand: Stand, way: str) -> None:
    asked = await closed(stand)
    if way == "press":
        await stand.press(asked.choices[3], id=10)
    else:
        await stand.write({"number": "4", "title": "buena"}[way], id=10)
    await eventually(lambda: texts(stand)[-1].startswith("Gracias por tu opinión"))
    assert await ratings(stand) == [(4, "")]
    await stand.press(stand.got()[-1].choices[0], id=11)
    await eventually(lambda: texts(stand)[-1].startswith("Cuéntanos por qué"))
    await stand.write("muy amable Ana, y rápida", id=12)
    await eventually(lambda: texts(stand)[-1].startswith("Gracias, quedó anotado"))
    assert await ratings(stand) == [(4, ""), (4, "muy amable Ana, y rápida")]
    await stand.write("¿y cómo pago la patente?", id=13)
    await eventually(lambda: texts(stand)[-1] == "eco: ¿y cómo pago la patente?")


async def test_asking_something_else_ends_the_rating_question(stand: Stand) -> None:
    asked = await closed(stand)
    await stand.write("¿cómo pago la patente?", id=10)
    await eventually(lambda: texts(stand)[-1] == "eco: ¿cómo pago la patente?")
    await stand.press(asked.choices[0], id=11)
    await eventually(lambda: texts(stand)[-1] == stand.world.agency.say("opcion_vencida"))
    await stand.write("5", id=12)
    await eventually(lambda: texts(stand)[-1] == stand.world.agency.say("solo_numero"))
    assert await ratings(stand) == []


async def test_staff_message_reaches_the_citizen(stand: Stand) -> None:
    ticket = await attended(stand)
    await Tickets(stand.world.redis).reply(ticket.id, ANA.ref, "Hola, <soy> Ana & *ayudo*", "r1")
    await eventually(lambda: texts(stand)[-1] == "Ana:\nHola, <soy> Ana & *ayudo*")


@pytest.mark.parametrize(("name", "content"), [("plano.png", PNG), ("convenio.pdf", PDF)])
async def test_staff_file_reaches_the_citizen_with_its_text(stand: Stand, name: str, content: bytes) -> None:
    ticket = await attended(stand)
    before = len(stand.got())
    await attach(stand, ticket, name, content, "Mira <esto> & *aquello*")
    await eventually(lambda: any(one.file for one in stand.got()))
    arrived = stand.got()[before:]
    assert "\n".join(one.text for one in arrived).strip() == "Ana:\nMira <esto> & *aquello*"
    assert [one.file for one in arrived if one.file] == [name]
    assert await stand.file(-1) == content
    assert stand.peer.refused == []


async def test_text_too_long_for_a_caption_is_sent_before_the_file(stand: Stand) -> None:
    ticket = await attended(stand)
    before, words = len(stand.got()), "palabra " * 400
    await attach(stand, ticket, "plano.png", PNG, words)
    await eventually(lambda: any(one.file for one in stand.got()), 40)
    arrived = stand.got()[before:]
    assert [bool(one.file) for one in arrived] == [False] * (len(arrived) - 1) + [True]
    assert " ".join(one.text for one in arrived).split() == ["Ana:", *words.split()]


async def test_file_arrives_once_after_a_provider_outage_and_a_resend(stand: Stand) -> None:
    ticket = await attended(stand)
    stand.break_down(True)
    first = await attach(stand, ticket, "plano.png", PNG, "El plano")
    again = await attach(stand, ticket, "plano.png", PNG, "El plano")
    assert (again.event_id, again.repeated) == (first.event_id, True)
    stand.break_down(False)
    await eventually(lambda: any(one.file for one in stand.got()), 30)
    await Tickets(stand.world.redis).reply(ticket.id, ANA.ref, "¿Llegó?", "r2")
    await eventually(lambda: texts(stand)[-1] == "Ana:\n¿Llegó?", 30)
    assert [one.file for one in stand.got() if one.file] == ["plano.png"]
    assert len(list(stand.world.files.folder.rglob("*.json"))) == 1


@asynccontextmanager
async def in_queue(name: str, redis: Any, agency: Agency) -> AsyncIterator[Stand]:
    """Yields a stand whose citizen waits for a person; the answerer surely answers QUESTION."""
    async with sure_answers() as url, EVERY[name](redis, agency, answers_url=url) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        await made.write("persona", id=1)
        await eventually(lambda: any("Lugar 1" in text for text in texts(made)))
        yield made


@pytest.mark.parametrize("name", sorted(EVERY))
async def test_waiting_does_not_switch_the_assistant_off(name: str, redis: Any, agency: Agency) -> None:
    async with in_queue(name, redis, agency) as stand:
        before = len(stand.got())
        for number, text in enumerate((QUESTION, "se me perdió la llave", "y la otra llave también", "gracias"), 2):
            await stand.write(text, id=number)
        await stand.write("borrar mis datos", id=8)
        await stand.write("¿a qué hora abren?", id=9)
        await eventually(lambda: any("lunes a jueves" in text for text in texts(stand)), 30)
        told = "\n".join(texts(stand)[before:])
        assert [told.count(part) for part in (ANSWER, "Sigues en el lugar 1.", "Ley 21.719")] == [1, 1, 1]
        (ticket,) = await Tickets(stand.world.redis).waiting()
        assert (ticket.conversation, (await stand.world.inbox.state(stand.conversation)).speaker) == (
            stand.conversation,
            Speaker.WAITING,
        )


@pytest.mark.parametrize("name", sorted(EVERY))
async def test_claimed_conversation_is_the_persons_alone(name: str, redis: Any, agency: Agency) -> None:
    async with in_queue(name, redis, agency) as stand:
        tickets = Tickets(stand.world.redis)
        (ticket,) = await tickets.waiting()
        await tickets.claim(ticket.id, ANA.ref, Reply("Te atiende Ana.", author=Author.SYSTEM))
        await stand.write(QUESTION, id=2)
        await eventually(lambda: texts(stand)[-1] == "Te atiende Ana.")
        await tickets.reply(ticket.id, ANA.ref, "Yo le explico.", "r1")
        await eventually(lambda: texts(stand)[-1].endswith("Yo le explico."))
        assert ANSWER not in "\n".join(texts(stand))


async def test_emergency_names_no_position_and_gives_the_numbers_again(stand: Stand) -> None:
    await stand.write("me quiero matar", id=1)
    await eventually(lambda: any("¿Estás a salvo?" in text for text in texts(stand)))
    await stand.write("no me contestan", id=2)
    again = "Si el peligro sigue, llama ahora al *4141 o 131."
    await eventually(lambda: any(again in bare(text) for text in texts(stand)))
    told = "\n".join(map(bare, texts(stand)))
    assert told.count("¿Ya llamaste?") == 1
    assert not [word for word in ("lugar", "fila", "volver") if word in told]


@pytest.mark.parametrize("way", ["press", "write"])
async def test_citizen_is_notified_on_their_channel_when_their_turn_is_near(stand: Stand, way: str) -> None:
    await stand.write("persona", id=1)
    await eventually(lambda: any("Lugar 1" in text for text in texts(stand)))
    if way == "press":
        await stand.press(Choice(NOTIFY_NEAR_ID, "Avísame"), id=2)
    else:
        await stand.write("¡Avísame!", id=2)
    await eventually(lambda: any("te avisamos por aquí" in text for text in texts(stand)))
    (ticket,) = await Tickets(stand.world.redis).waiting()
    waits = Waits(stand.world.redis)
    assert ticket.notify_near
    assert [await waits.notify_near(ticket.id, near_notice(stand.world.agency)) for _ in range(2)] == [True, False]
    await eventually(lambda: "Vas en el lugar 1 de la fila" in bare(texts(stand)[-1]))


def bare(text: str) -> str:
    """Returns the text without the marks of bold type, but with the asterisk of *4141."""
    return text.replace("*", "").replace("```", "").replace("4141", "*4141")


async def _while(going: Any, ask: Any, conversation: str) -> AsyncIterator[Any]:
    """Yields responses while ``going`` holds, within the usual timeout."""
    async with asyncio.timeout(PATIENCE_S):
        while going(answer := await ask(conversation)):
            yield answer
            await asyncio.sleep(0.02)
