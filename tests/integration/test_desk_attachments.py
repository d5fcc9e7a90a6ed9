"""Staff open what citizens sent, for a week; nobody else does. What did not arrive stands in the transcript."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.agency import Agency
from bot.channels.connected import Connected
from bot.console.attachments import PATH
from bot.console.views import event_view
from bot.conversation.addresses import Addresses
from bot.conversation.mailbox import data_of
from bot.db.engine import Sessions
from bot.db.tables import Audit
from bot.messages import Attachment, Author, Channel, CitizenMessage, Event, MediaKind, Place
from tests.desk_world import desk_world

JPEG = b"\xff\xd8\xff\xe0 a picture"
ADDRESSES = Addresses("s" * 40)


class Phone:
    """A channel that has the files of ``FILES``."""

    channel = Channel.TELEGRAM
    FILES = {"telegram:photo": JPEG, "telegram:page": b"<script>alert(1)</script>"}  # noqa: RUF012

    async def fetch(self, ref: str) -> bytes:
        return self.FILES[ref]


async def test_a_signed_in_person_sees_a_picture_and_saves_the_rest(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    connected: Any = Connected((Phone(),), (), ADDRESSES)  # type: ignore[arg-type]
    async with desk_world(redis, database, agency, fetch=connected.file) as world:
        await world.hire("ana@x.cl", "Ana Soto")
        ana = await world.sign_in("ana@x.cl")
        picture = await ana.get(f"{PATH}/{ADDRESSES.seal('telegram:photo')}")
        page = await ana.get(f"{PATH}/{ADDRESSES.seal('telegram:page')}")
        forged = await ana.get(f"{PATH}/{Addresses('t' * 40).seal('telegram:photo')}")
        stranger = await world.browser().get(f"{PATH}/{ADDRESSES.seal('telegram:photo')}")
        async with database() as session:
            seen = [row.action for row in await session.scalars(select(Audit)) if row.action == "attachment_opened"]
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")
    assert page.headers["content-disposition"] == "attachment"
    assert page.headers["content-type"] == "application/octet-stream"
    assert (forged.status_code, stranger.status_code, len(seen)) == (404, 401, 2)


async def test_a_link_ends(monkeypatch: Any) -> None:
    connected: Any = Connected((Phone(),), (), ADDRESSES)  # type: ignore[arg-type]
    sealed = ADDRESSES.seal("telegram:photo")
    assert await connected.file(sealed, 60) == JPEG
    assert await connected.file(sealed, -1) is None


def test_a_message_that_corrects_another_says_so() -> None:
    message = CitizenMessage("c", Channel.TELEGRAM, "m", "¿cómo pago la patente?", 0, edits="5")
    assert event_view(Event("1-0", "c", "message", Author.CITIZEN, message.text, data_of(message)))["edited"] is True


def test_the_transcript_shows_files_a_place_and_what_did_not_arrive() -> None:
    files = (Attachment(MediaKind.DOCUMENT, "sealed", "a.pdf"), Attachment(MediaKind.STICKER))
    message = CitizenMessage("c", Channel.TELEGRAM, "m", "", 0, attachments=files, place=Place(-33.4, -70.6))
    data = json.loads(json.dumps(data_of(message)))
    shown = event_view(Event("1-0", "c", "message", Author.CITIZEN, "", data))
    assert shown["attached"] == [
        {"words": "Documento: a.pdf", "url": f"{PATH}/sealed"},
        {"words": "Sticker", "url": ""},
        {
            "words": "Ubicación en el mapa",
            "url": "https://www.openstreetmap.org/?mlat=-33.400000&mlon=-70.600000#map=18/-33.400000/-70.600000",
        },
    ]
    failed = Event("2-0", "c", "delivery", Author.SYSTEM, "", {"of": "1-0", "state": "failed", "reason": "blocked"})
    assert event_view(failed)["words"].startswith("No se entregó. La persona bloqueó el canal")
    assert event_view(failed)["words"].endswith("dile: «Desbloquea nuestro contacto y escríbenos de nuevo.»")
