"""Tests recorded updates of each kind: all are acknowledged and only messages to the bot are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.agency.model import Agency
from bot.core.events import Event
from bot.core.messages import Author
from tests.channels.behaviours import TelegramStand, telegram_stand
from tests.eventually import eventually

PAYLOADS = Path(__file__).parent / "payloads" / "telegram"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
KEPT_KINDS = {
    "photo": "photo",
    "document": "document",
    "voice": "voice",
    "audio": "audio",
    "video": "video",
    "video_note": "video",
    "animation": "document",
    "sticker": "sticker",
    "contact": "contact",
    "poll": "other",
    "unknown": "other",
}
WORDS = {
    "text": "¿cómo renuevo mi licencia?",
    "edited": "¿cómo renuevo mi licencia clase B?",
    "command": "quiero hablar con una persona",
    "photo": "el hoyo de mi calle",
    "group_mention": "¿cuándo pasa la basura?",
}
PLACES = {"location": "", "venue": "Plaza de Armas, Avenida Los Aromos"}
PRESSED = {"button"}
ANSWERS = {
    "document": "adjunto",
    "voice": "audio",
    "audio": "audio",
    "video": "adjunto",
    "video_note": "adjunto",
    "animation": "adjunto",
    "sticker": "mensaje_vacio",
    "contact": "mensaje_vacio",
    "poll": "mensaje_vacio",
    "unknown": "mensaje_vacio",
    "button": "opcion_vencida",
}
PERSONAL = ("Rojas", "anarojas", "911112222", "Luis", "alcalde")


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


async def said(stand: TelegramStand, name: str) -> list[Event]:
    """Sends the recorded update ``name`` and returns the citizen's events in its conversation."""
    (body,) = (value for key, value in payload(name).items() if key != "update_id")
    chat = (body.get("message") or body).get("chat") or {"id": 0}
    stand.chat = chat["id"]
    feed = await stand.world.inbox.events(stand.conversation)
    return [event for event in feed if event.author is Author.CITIZEN]


async def post(stand: TelegramStand, name: str, headers: dict[str, str]) -> int:
    return (await stand.world.client.post("/channels/telegram", json=payload(name), headers=headers)).status_code


@pytest.mark.parametrize("name", NAMES)
async def test_each_update_is_acknowledged_and_only_our_messages_are_kept(
    redis: Any, agency: Agency, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with telegram_stand(redis, agency, work=False) as stand:
        assert await post(stand, name, {}) == 403
        assert await said(stand, name) == []
        assert await post(stand, name, stand.headers if name != "forged" else {}) == (403 if name == "forged" else 200)
        events = await said(stand, name)
    expected = name in {*KEPT_KINDS, *WORDS, *PLACES, *PRESSED}
    assert len(events) == int(expected)
    for event in events:
        assert event.text == WORDS.get(name, "")
        assert [one.kind for one in event.message.attachments] == ([KEPT_KINDS[name]] if name in KEPT_KINDS else [])
        assert (event.message.place and event.message.place.title) == PLACES.get(name)
    assert not any(word in capsys.readouterr().out + str(events) for word in PERSONAL)


@pytest.mark.parametrize("name", sorted({*ANSWERS, *WORDS, *PLACES}))
async def test_each_update_is_answered_or_gets_instructions(redis: Any, agency: Agency, name: str) -> None:
    async with telegram_stand(redis, agency) as stand:
        await said(stand, name)
        await stand.world.inbox.open(stand.conversation, stand.world.channel.channel, None)
        await redis.hset(f"v:conv:{stand.conversation}", "welcomed", 1)
        await post(stand, name, stand.headers)
        (answer,) = await eventually(lambda: [one.text for one in stand.got()])
    if name in PLACES:
        assert answer.startswith("Recibí tu ubicación")
    else:
        assert answer == (agency.say(ANSWERS[name]).replace("*", "") if name in ANSWERS else f"eco: {WORDS[name]}")


async def test_unreadable_update_is_logged_by_its_id_alone(
    redis: Any, agency: Agency, capsys: pytest.CaptureFixture[str]
) -> None:
    async with telegram_stand(redis, agency, work=False) as stand:
        assert await post(stand, "broken", stand.headers) == 200
    logged = "".join(capsys.readouterr())
    assert str(payload("broken")["update_id"]) in logged
    assert "sin remitente" not in logged
