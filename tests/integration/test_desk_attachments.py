"""Tests citizens' files at the desk: staff can open them for a week; the transcript shows failed deliveries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.agency.model import Agency
from bot.app.channel_registry import Connected
from bot.conversation.addresses import Addresses
from bot.conversation.pictures import cleaned
from bot.core.event_facts import DeliveryFacts, MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Attachment, Author, Channel, CitizenMessage, Handoff, HandoffReason, MediaKind, Place
from bot.desk.views.extras import ATTACHMENTS
from bot.desk.views.transcript import event_view
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world
from tests.pictures import picture
from tests.recording import recording, until_recorded

JPEG = picture("JPEG")
ADDRESSES = Addresses("s" * 40)


class Phone:
    """A channel that can fetch the files of ``FILES``."""

    channel = Channel.TELEGRAM
    FILES = {"telegram:photo": JPEG, "telegram:page": b"<script>alert(1)</script>"}  # noqa: RUF012

    async def fetch(self, ref: str) -> bytes:
        return self.FILES[ref]


async def sent(world: DeskWorld, conversation: str, *handles: str) -> None:
    """Sends a message with photos as the citizen of ``conversation``; ``handles`` are their encrypted references."""
    files = tuple(Attachment(MediaKind.PHOTO, handle) for handle in handles)
    message = CitizenMessage(conversation, Channel.TELEGRAM, f"f-{handles[0]}", "", 0, attachments=files)
    await world.inbox.accept(message)


async def test_staff_who_may_read_the_conversation_view_a_picture_and_save_the_rest(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    connected: Any = Connected((Phone(),), (), ADDRESSES)  # type: ignore[arg-type]
    photo, page = (ADDRESSES.encrypt(f"telegram:{name}") for name in ("photo", "page"))
    forged, unsent = Addresses("t" * 40).encrypt("telegram:photo"), ADDRESSES.encrypt("telegram:photo")
    async with desk_world(redis, database, agency, fetch=connected.file) as world:
        await world.hire("ana@x.cl", "Ana Soto")
        ana = await world.sign_in("ana@x.cl")
        ticket = await world.wait_for_person("persona", channel=Channel.TELEGRAM)
        await sent(world, ticket.conversation, photo, page, forged)
        here = f"{ATTACHMENTS}/{ticket.conversation}"
        shown, saved = await ana.get(f"{here}/{photo}"), await ana.get(f"{here}/{page}")
        refused = [(await ana.get(f"{here}/{handle}")).status_code for handle in (forged, unsent)]
        stranger = await world.browser().get(f"{here}/{photo}")
        async with database() as session:
            seen = [row.detail for row in await session.scalars(select(Audit)) if row.action == "attachment_opened"]
    assert (shown.content, shown.headers["content-type"]) == (cleaned(JPEG).content, "image/jpeg")
    assert saved.headers["content-disposition"] == 'attachment; filename="adjunto"'
    assert saved.headers["content-type"] == "application/octet-stream"
    assert (refused, stranger.status_code) == ([404, 404], 401)
    assert seen == [{"conversation": ticket.conversation}] * 2


async def test_another_team_cannot_open_a_file_even_with_its_handle(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    connected: Any = Connected((Phone(),), (), ADDRESSES)  # type: ignore[arg-type]
    photo = ADDRESSES.encrypt("telegram:photo")
    async with desk_world(redis, database, agency, fetch=connected.file) as world, recording(redis, database):
        for name, team in (("ana", "obras"), ("beto", "aseo")):
            await world.hire(f"{name}@x.cl", name.title(), teams=(team,))
        ana, beto = await world.sign_in("ana@x.cl"), await world.sign_in("beto@x.cl")
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
        ticket = await world.wait_for_person("persona", channel=Channel.TELEGRAM, handoff=handoff)
        own = await world.wait_for_person("persona", handoff=Handoff(HandoffReason.ASKED_HUMAN, team="aseo"))
        await sent(world, ticket.conversation, photo)
        theirs, elsewhere = (f"{ATTACHMENTS}/{one.conversation}/{photo}" for one in (ticket, own))

        async def opened() -> list[int]:
            return [(await who.get(url)).status_code for who, url in ((ana, theirs), (beto, theirs), (beto, elsewhere))]

        assert await opened() == [200, 404, 404]
        await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
        await ana.post(f"/desk/api/tickets/{ticket.id}/close")
        await until_recorded(redis)
        assert await opened() == [200, 404, 404]


async def test_file_handle_expires(monkeypatch: Any) -> None:
    connected: Any = Connected((Phone(),), (), ADDRESSES)  # type: ignore[arg-type]
    encrypted = ADDRESSES.encrypt("telegram:photo")
    assert await connected.file(encrypted, 60) == JPEG
    assert await connected.file(encrypted, -1) is None


def said(message: CitizenMessage) -> Event:
    facts = MessageFacts.of_citizen(message)
    return Event("1-0", message.conversation, EventKind.MESSAGE, Author.CITIZEN, message.text, facts)


def test_correction_shows_that_it_corrects_another_message() -> None:
    message = CitizenMessage("c", Channel.TELEGRAM, "m", "¿cómo pago la patente?", 0, edits="5")
    assert event_view(said(message)).edited


def test_transcript_shows_files_a_location_and_failed_deliveries() -> None:
    files = (Attachment(MediaKind.DOCUMENT, "sealed", "a.pdf"), Attachment(MediaKind.STICKER))
    message = CitizenMessage("c", Channel.TELEGRAM, "m", "", 0, attachments=files, place=Place(-33.4, -70.6))
    shown = event_view(said(message)).to_data()
    assert shown["attached"] == [
        {"words": "Documento: a.pdf", "url": f"{ATTACHMENTS}/c/sealed", "picture": ""},
        {"words": "Sticker", "url": "", "picture": ""},
        {
            "words": "Ubicación en el mapa",
            "url": "https://www.openstreetmap.org/?mlat=-33.400000&mlon=-70.600000#map=18/-33.400000/-70.600000",
            "picture": "",
        },
    ]
    failed = Event("2-0", "c", EventKind.DELIVERY, Author.SYSTEM, "", DeliveryFacts("1-0", "failed", "blocked"))
    assert event_view(failed).words.startswith("No se entregó. La persona bloqueó el canal")
    assert event_view(failed).words.endswith("dile: «Desbloquea nuestro contacto y escríbenos de nuevo.»")
