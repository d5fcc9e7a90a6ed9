"""Tests parsing each kind of content that Twilio sends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.channels.whatsapp.read import Status, read_message, read_status
from bot.conversation.addresses import Addresses
from bot.core.messages import CitizenMessage, MediaKind, Place
from tests.rows import each_row

PAYLOADS = Path(__file__).parents[1] / "channels" / "payloads" / "whatsapp"
ADDRESSES = Addresses("s" * 40)


def pairs(name: str, **changed: str) -> list[tuple[str, str]]:
    fields = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return list((fields | changed).items())


def message(name: str, **changed: str) -> CitizenMessage:
    read = read_message(pairs(name, **changed), ADDRESSES)
    assert read is not None
    assert read[1] == "whatsapp:+56911112222"
    return read[0]


def test_text_is_read() -> None:
    read = message("text")
    assert (read.id, read.text) == ("SM" + f"{1:032x}", "¿Cómo renuevo mi licencia? 👍🏽")
    assert (read.button, read.attachments, read.place) == (None, (), None)
    assert read.conversation == message("photo").conversation
    assert "569" not in read.conversation


@pytest.mark.parametrize(
    ("name", "button", "text"), [("button", "Ab3_xYz0", "Sí, esa"), ("list", "Qr9-k2Lm", "Permiso de circulación")]
)
def test_tapped_button_is_read(name: str, button: str, text: str) -> None:
    read = message(name)
    assert (read.button, read.text) == (button, text)


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("photo", MediaKind.PHOTO, True),
        ("document", MediaKind.DOCUMENT, True),
        ("voice", MediaKind.VOICE, True),
        ("audio", MediaKind.AUDIO, True),
        ("video", MediaKind.VIDEO, True),
        ("sticker", MediaKind.STICKER, False),
        ("contact", MediaKind.CONTACT, False),
    ],
)
def test_files_are_read(name: str, kind: MediaKind, kept: bool) -> None:
    (attachment,) = message(name).attachments
    assert attachment.kind is kind
    opened = ADDRESSES.decrypt(attachment.ref)
    assert (opened is not None and opened.startswith("whatsapp:https://api.twilio.com/")) is kept


@each_row(
    ("words", "content_type", "is_name"),
    [
        ("certificado.pdf", "application/pdf", True),
        ("Cédula de Identidad (1).PDF", "application/pdf", True),
        ("notas.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", True),
        ("lista.txt", "text/plain; charset=utf-8", True),
        ("informe.final", "application/pdf", False),
        ("necesito la copia.ya", "application/pdf", False),
        ("certificado.docx", "application/pdf", False),
        ("¿sirve este certificado.pdf?", "application/pdf", False),
        ("mire\ncertificado.pdf", "application/pdf", False),
        (".pdf", "application/pdf", False),
        ("urgente", "application/pdf", False),
        ("algo.raro", "application/x-unheard-of", False),
    ],
)
def test_only_a_name_of_the_documents_own_type_is_no_caption(words: str, content_type: str, is_name: bool) -> None:
    read = message("document", Body=words, MediaContentType0=content_type)
    assert (read.text, read.attachments[0].name) == (("", words) if is_name else (words, ""))


def test_caption_of_a_photo_is_read() -> None:
    assert message("photo").text == "Este es el hoyo"


def test_location_is_read() -> None:
    assert message("location").place == Place(-33.4372, -70.6506, "Plaza de Armas, Santiago")
    assert message("location", Latitude="91").attachments[0].kind is MediaKind.OTHER
    assert message("location", Latitude="nan", Label="").place is None


def test_unknown_content_becomes_an_attachment_of_kind_other() -> None:
    assert [one.kind for one in message("unknown").attachments] == [MediaKind.OTHER]
    assert message("text", NumMedia="²").text


def test_files_are_limited_to_ten() -> None:
    urls = {f"MediaUrl{n}": "https://api.twilio.com/m" for n in range(30)}
    assert len(message("photo", NumMedia="30", **urls).attachments) == 10


def test_sms_to_the_same_service_is_ignored() -> None:
    assert read_message(pairs("sms"), ADDRESSES) is None
    assert read_message([], ADDRESSES) is None
    assert read_message(pairs("text", From="whatsapp:"), ADDRESSES) is None


def test_statuses_are_read() -> None:
    assert read_status(pairs("status_delivered")) == Status("SM" + f"{1:032x}", "delivered", 0)
    assert read_status(pairs("status_failed")) == Status("SM" + f"{1:032x}", "undelivered", 63016)
    assert read_status(pairs("text")) is None


@pytest.mark.parametrize("sid", [f"SM{1:032x}NumMedia0", f"SM{1:031x}", "", "SM1"])
def test_message_whose_id_was_joined_with_other_fields_is_none(sid: str) -> None:
    assert read_message(pairs("text", MessageSid=sid, SmsMessageSid=sid), ADDRESSES) is None
