"""Tests forms of each kind that Twilio documents: refused unsigned, stored when signed, answered usefully."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agency.model import Agency
from bot.channels.whatsapp.read import read_message
from bot.conversation.addresses import Addresses
from bot.core.events import Event
from bot.core.messages import Author
from tests.channels.whatsapp_payloads import PAYLOADS, payload
from tests.channels.whatsapp_stand import WhatsAppStand, whatsapp_stand
from tests.eventually import eventually

NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
STATUSES = {name for name in NAMES if name.startswith("status_")}
NOT_FOR_US = {"forged", "sms"}
KINDS = {
    "photo": "photo",
    "document": "document",
    "voice": "voice",
    "audio": "audio",
    "video": "video",
    "sticker": "sticker",
    "contact": "contact",
    "unknown": "other",
    "unknown_media": "other",
}
WORDS = {
    "text": "¿Cómo renuevo mi licencia? 👍🏽",
    "reply": "¿Y ese documento dónde lo saco?",
    "referral": "¿Dónde es la feria del aviso?",
    "forwarded": "Reenviado a ustedes",
    "photo": "Este es el hoyo",
    "button": "Sí, esa",
    "list": "Permiso de circulación",
}
PLACES = {"location": "Plaza de Armas, Santiago"}
ANSWERS = {
    "voice": "audio",
    "audio": "audio",
    "video": "adjunto",
    "document": "adjunto",
    "sticker": "mensaje_vacio",
    "contact": "mensaje_vacio",
    "unknown": "mensaje_vacio",
    "unknown_media": "mensaje_vacio",
    "button": "opcion_vencida",
    "list": "opcion_vencida",
}
PERSONAL = ("Rosa", "56911112222", "alcalde", "feria de las pulgas", "aRAkLkA8")


async def said(stand: WhatsAppStand) -> list[Event]:
    feed = await stand.world.inbox.events(stand.conversation)
    return [event for event in feed if event.author is Author.CITIZEN]


@pytest.mark.parametrize("name", NAMES)
async def test_each_form_is_refused_unsigned_and_stored_when_signed(
    redis: Any, agency: Agency, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with whatsapp_stand(redis, agency, work=False) as stand:
        for token in ("guessed", "0" * 32):
            assert (await stand.post(payload(name), token=token)).status_code == 403
        assert await redis.keys("v:conv:*") == []
        if name != "forged":
            assert (await stand.post(payload(name))).status_code == (204 if name in STATUSES else 200)
        events = await said(stand)
    assert len(events) == int(name not in STATUSES | NOT_FOR_US)
    for event in events:
        assert event.text == WORDS.get(name, "")
        assert [one.kind for one in event.message.attachments] == ([KINDS[name]] if name in KINDS else [])
        assert (event.message.place and event.message.place.title) == PLACES.get(name)
    assert not any(word in "".join(capsys.readouterr()) + str([event.facts for event in events]) for word in PERSONAL)


@pytest.mark.parametrize("name", sorted(set(NAMES) - STATUSES - NOT_FOR_US))
async def test_each_form_is_answered_or_gets_instructions(redis: Any, agency: Agency, name: str) -> None:
    async with whatsapp_stand(redis, agency) as stand:
        await stand.world.inbox.open(stand.conversation, stand.world.channel.channel, None)
        await redis.hset(f"v:conv:{stand.conversation}", "welcomed", 1)
        await stand.post(payload(name))
        (answer,) = await eventually(lambda: [one.text.replace("*", "") for one in stand.got()])
    if name in PLACES:
        assert answer.startswith("Recibí tu ubicación")
    else:
        assert answer == (agency.say(ANSWERS[name]).replace("*", "") if name in ANSWERS else f"eco: {WORDS[name]}")


def test_document_name_is_no_question_but_a_caption_is() -> None:
    def read(body: str, kind: str) -> tuple[str, str]:
        fields = payload("document") | {"Body": body, "MediaContentType0": kind}
        message, _ = read_message(list(fields.items()), Addresses("s" * 40)) or pytest.fail("nothing was read")
        return message.text, message.attachments[0].name

    assert read("Certificado de avalúo (2).pdf", "application/pdf") == ("", "Certificado de avalúo (2).pdf")
    assert read("¿sirve este papel?", "application/pdf") == ("¿sirve este papel?", "")
    assert read("foto.jpg", "image/jpeg") == ("foto.jpg", "")
