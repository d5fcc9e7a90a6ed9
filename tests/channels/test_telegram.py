"""Tests the features that only Telegram has: commands, groups, edits, callbacks, blocking, polling, set-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.agency.model import Agency
from bot.app.channel_registry import Connected
from bot.channels.outgoing.channel import Choice
from bot.channels.telegram import adapter
from bot.channels.telegram.adapter import Telegram
from bot.channels.telegram.render import TelegramChunk
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.setup import setup, status
from bot.conversation.addresses import Addresses
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel
from bot.core.settings import Settings
from bot.core.texts import say
from bot.metrics.measures import REGISTRY
from bot.store import keys
from tests.channels.behaviours import TelegramStand, telegram_stand
from tests.channels.telegram_peer import ME, TOKEN, TelegramPeer
from tests.channels.world import SECRET
from tests.desk_world import served
from tests.eventually import eventually

REFUSED = "ventanilla_refusals_total", {"what": "signature"}
GROUP = {"id": -500, "type": "supergroup", "title": "Vecinos"}


@pytest_asyncio.fixture
async def stand(redis: Any, agency: Agency) -> AsyncIterator[TelegramStand]:
    async with telegram_stand(redis, agency) as made:
        await redis.hset(f"v:conv:{made.conversation}", mapping={"channel": "telegram", "speaker": "assistant"})
        await redis.hset(f"v:conv:{made.conversation}", mapping={"welcomed": 1, "queued": 0})
        yield made


def texts(stand: TelegramStand) -> list[str]:
    return [one.text for one in stand.got()]


async def said(stand: TelegramStand) -> list[Event]:
    feed = await stand.world.inbox.events(stand.conversation)
    return [event for event in feed if event.author is Author.CITIZEN]


async def test_json_of_any_depth_is_answered_and_stores_nothing(stand: TelegramStand) -> None:
    for body in ("[" * 200_000, '{"a":' * 100_000, "{", "\x00"):
        answer = await stand.world.client.post("/channels/telegram", content=body, headers=stand.headers)
        assert answer.status_code == 200
    assert await stand.world.redis.exists(keys.EVENTS) == 0


async def test_start_greets_once_despite_repeats(redis: Any, agency: Agency) -> None:
    async with telegram_stand(redis, agency) as stand:
        for _ in range(2):
            await stand.write("/start permiso", id=1)
        await stand.write("gracias por todo", id=2)
        await eventually(lambda: len(texts(stand)) == 2)
        assert texts(stand)[0].startswith("¡Hola! Soy Aroma")
        assert texts(stand)[1] == "eco: gracias por todo"


@pytest.mark.parametrize(
    ("command", "words"),
    [("/ayuda", "ayuda"), ("/misdatos", "qué datos tienen de mí"), ("/borrar@AromaBot", "borra mis datos")],
)
async def test_command_is_read_as_its_text(stand: TelegramStand, command: str, words: str) -> None:
    await stand.write(command, id=1)
    await eventually(lambda: texts(stand))
    assert [event.text for event in await said(stand)] == [words]


async def test_edited_message_is_a_new_question_that_names_the_old(stand: TelegramStand) -> None:
    await stand.write("¿cómo pago la patnte?", id=5)
    edited = stand.message(5, text="¿cómo pago la patente?", edit_date=1764000060)
    assert await stand.update(6, edited_message=edited) == 200
    await eventually(lambda: texts(stand) == ["eco: ¿cómo pago la patnte?", "eco: ¿cómo pago la patente?"])
    assert (await said(stand))[1].message.edits == "5"


async def test_moving_live_location_is_one_message(stand: TelegramStand) -> None:
    spot = {"latitude": -33.4, "longitude": -70.6}
    await stand.update(1, message=stand.message(1, location=spot))
    await stand.update(2, edited_message=stand.message(1, location=spot, edit_date=1764000060))
    (told,) = await eventually(lambda: texts(stand))
    assert told.startswith("Recibí tu ubicación")
    assert [event.message.place.to_data() for event in await said(stand)] == [spot | {"title": ""}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}}, "audio"),
        ({"document": {"file_id": "d", "file_unique_id": "u", "file_name": "a.pdf"}}, "adjunto"),
        ({"sticker": {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1,
                      "is_animated": False, "is_video": False}}, "mensaje_vacio"),
        ({"contact": {"phone_number": "+56911111111", "first_name": "Ana"}}, "mensaje_vacio"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "mensaje_vacio"),
    ],
)  # fmt: skip
async def test_each_kind_of_content_is_answered(stand: TelegramStand, content: dict[str, Any], expected: str) -> None:
    await stand.update(1, message=stand.message(1, **content))
    (answer,) = await eventually(lambda: texts(stand))
    assert answer.split(".")[0] == stand.world.agency.say(expected).replace("**", "").split(".")[0]
    assert "56911111111" not in str([event.facts for event in await said(stand)])


async def test_caption_is_the_question(stand: TelegramStand) -> None:
    sizes = [{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90}]
    await stand.update(1, message=stand.message(1, photo=sizes, caption="¿qué es este papel?"))
    await eventually(lambda: texts(stand) == ["eco: ¿qué es este papel?"])


async def test_only_messages_to_the_bot_count_in_a_group(stand: TelegramStand) -> None:
    async def group(number: int, text: str, **more: Any) -> None:
        message = stand.message(number, text=text, chat=GROUP) | more
        assert await stand.update(number, message=message) == 200

    await group(1, "hola vecinos")
    await group(2, "/ayuda@OtroBot")
    mention = [{"type": "mention", "offset": 0, "length": 9}]
    await group(3, "@AromaBot ¿cuándo pasa la basura?", entities=mention)
    reply = stand.message(9, text="…", chat=GROUP) | {"from": {"id": 666, "is_bot": True, "first_name": "Aroma"}}
    await group(4, "¿y el sábado?", reply_to_message=reply)
    await eventually(lambda: texts(stand)[1:] == ["eco: ¿cuándo pasa la basura?", "eco: ¿y el sábado?"])
    assert {call.fields["chat_id"] for call in stand.peer.sent()} == {-500}


async def test_reply_goes_to_the_topic_of_the_question(stand: TelegramStand) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 9}]
    asked = stand.message(1, text="@AromaBot opciones", chat=GROUP, entities=mention)
    topic = {"is_topic_message": True, "message_thread_id": 42}
    await stand.update(1, message=asked | topic)
    await eventually(lambda: len(texts(stand)) == 2)
    offer = stand.got()[-1]
    shown = stand.message(2, text=offer.text, chat=GROUP) | topic | {"from": ME}
    person = {"id": stand.chat, "is_bot": False, "first_name": "Ana"}
    pressed = {"id": "q1", "from": person, "chat_instance": "c", "data": offer.choices[0].id, "message": shown}
    await stand.update(2, callback_query=pressed)
    await eventually(lambda: len(texts(stand)) == 3)
    await stand.update(3, message=stand.message(3, text="@AromaBot hola", chat=GROUP, entities=mention))
    await eventually(lambda: len(texts(stand)) == 4)
    assert [call.fields.get("message_thread_id") for call in stand.peer.sent()] == [42, 42, 42, None]
    assert 42 in [call.fields.get("message_thread_id") for call in stand.peer.calls if call.method == "sendChatAction"]
    feed = await stand.world.inbox.events(stand.world.addresses.name(Channel.TELEGRAM, str(GROUP["id"])))
    assert [event.text for event in feed if event.author is Author.CITIZEN][-1] == "hola"


async def test_reply_follows_a_group_that_became_a_supergroup(stand: TelegramStand) -> None:
    upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
    stand.peer.answer_next("sendMessage", 400, upgraded, migrate_to_chat_id=-100777)
    await stand.write("hola", id=1)
    await eventually(lambda: texts(stand) == ["eco: hola"])
    assert [call.fields["chat_id"] for call in stand.peer.sent()] == [-100777]


async def test_reply_to_a_topic_that_is_gone_comes_to_the_group(stand: TelegramStand) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 9}]
    message = stand.message(1, text="@AromaBot hola", chat=GROUP, entities=mention)
    stand.peer.answer_next("sendMessage", 400, "Bad Request: message thread not found")
    await stand.update(1, message=message | {"message_thread_id": 42, "is_topic_message": True})
    await eventually(lambda: texts(stand)[-1:] == ["eco: hola"])
    assert [call.fields.get("message_thread_id") for call in stand.peer.sent()] == [None, 42]  # the welcome was refused


async def test_nobody_of_a_group_gets_the_others_data(stand: TelegramStand) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 9}]
    message = stand.message(1, text="@AromaBot derecho arco", chat=GROUP, entities=mention)
    await stand.update(1, message=message)
    await eventually(lambda: texts(stand)[-1:] == [say("derechos.en_grupo").replace("**", "")])


async def test_pressed_button_is_always_answered(stand: TelegramStand) -> None:
    await stand.write("opciones", id=1)
    (offer,) = await eventually(stand.got)
    await stand.press(offer.choices[0], id=2)
    await stand.press(offer.choices[0], id=3)
    answered = lambda: [c.fields for c in stand.peer.calls if c.method == "answerCallbackQuery"]  # noqa: E731
    await eventually(lambda: answered() == [{"callback_query_id": "q2"}, {"callback_query_id": "q3"}])
    assert (await said(stand))[1].text == "La primera"
    assert all(len(choice.id.encode()) <= 64 for choice in offer.choices)


async def test_blocking_and_unblocking_are_recorded(stand: TelegramStand) -> None:
    def member(state: str) -> dict[str, Any]:
        return {"user": {"id": 666, "is_bot": True, "first_name": "Aroma"}, "status": state} | (
            {"until_date": 0} if state == "kicked" else {}
        )

    person = {"id": stand.chat, "is_bot": False, "first_name": "Ana"}
    for number, (old, new) in enumerate([("member", "kicked"), ("kicked", "member")]):
        change = {"chat": {"id": stand.chat, "type": "private"}, "from": person, "date": 1764000000}
        change |= {"old_chat_member": member(old), "new_chat_member": member(new)}
        assert await stand.update(number, my_chat_member=change) == 200
    feed = await stand.world.inbox.events(stand.conversation)
    assert [event.kind for event in feed] == ["blocked", "unblocked"]


async def test_html_that_telegram_refuses_is_sent_as_plain_text(stand: TelegramStand) -> None:
    stand.peer.answer_next("sendMessage", 400, "Bad Request: can't parse entities: whatever")
    await stand.write("una < dos & **tres**", id=1)
    await eventually(lambda: texts(stand) == ["eco: una < dos & tres"])
    assert "parse_mode" not in stand.peer.sent()[0].fields


async def test_sent_message_is_deleted_in_the_chat_and_a_refusal_leaves_it(stand: TelegramStand) -> None:
    await stand.write("hola", id=1)

    async def delivered() -> bool:
        return bool(await stand.world.outbox.deliveries(stand.conversation))

    await eventually(delivered)
    (delivery,) = (await stand.world.outbox.deliveries(stand.conversation)).values()
    channels = Connected((stand.world.channel,), (), stand.world.addresses)  # type: ignore[arg-type]
    address = stand.world.addresses.encrypt(str(stand.chat))
    await channels.retract("telegram", address, delivery.sent)
    stand.peer.answer_next("deleteMessage", 400, "Bad Request: message can't be deleted")
    await channels.retract("telegram", address, delivery.sent)
    await channels.retract("whatsapp", address, delivery.sent)
    deleted = [one.fields for one in stand.peer.calls if one.method == "deleteMessage"]
    assert deleted == [{"chat_id": stand.chat, "message_id": int(delivery.sent[0].rpartition(":")[2])}]


async def test_previews_are_off_and_typing_is_shown(stand: TelegramStand) -> None:
    await stand.write("¿dónde pago?", id=1)
    await eventually(stand.got)
    assert stand.peer.sent()[0].fields["link_preview_options"] == {"is_disabled": True}
    assert [c.fields["action"] for c in stand.peer.calls if c.method == "sendChatAction"] == ["typing"]


async def test_action_of_an_answer_is_a_button_that_opens_its_page(stand: TelegramStand) -> None:
    await stand.write("hola", id=1)
    await eventually(stand.got)
    url = "https://www.losaromos.example/licencias"
    text = f"Necesitas hora.\n\n**[Pedir hora]({url})**"
    answer = Event("9-0", "c", EventKind.MESSAGE, Author.ASSISTANT, text)
    (chunk,) = stand.world.channel.render(answer)
    await stand.world.channel.send(str(stand.chat), chunk, "key")
    sent = stand.peer.sent()[-1].fields
    assert sent["text"] == "Necesitas hora."
    assert sent["reply_markup"]["inline_keyboard"] == [[{"text": "Pedir hora", "url": url}]]


async def test_link_that_telegram_refuses_as_a_button_is_sent_in_the_text(stand: TelegramStand) -> None:
    await stand.write("hola", id=1)
    await eventually(stand.got)
    choices = (Choice("", "Pedir <hora>", "https://intranet/a?b=1&c=2"), Choice("id-1", "Hablar con alguien"))
    chunk = TelegramChunk("Necesitas <b>hora</b>.", choices, plain="Necesitas hora.")
    await stand.world.channel.send(str(stand.chat), chunk, "key")
    sent = stand.peer.sent()[-1].fields
    assert sent["text"] == "Necesitas <b>hora</b>.\n\nPedir &lt;hora&gt;: https://intranet/a?b=1&amp;c=2"
    rows = sent["reply_markup"]["inline_keyboard"]
    assert rows == [[{"text": "Hablar con alguien", "callback_data": "id-1"}]]


async def test_one_chat_gets_one_message_a_second_and_others_do_not_wait(redis: Any, agency: Agency) -> None:
    async with telegram_stand(redis, agency, chat_every_s=Telegram.pace.chat_every_s) as stand:
        began = asyncio.get_running_loop().time()
        for number in range(3):
            await stand.write(f"pregunta {number}", id=number + 1)
        others = [TelegramStand(stand.world, stand.peer, chat=2000 + n, headers=stand.headers) for n in range(10)]
        await asyncio.gather(*(other.write("¿hola?", id=1) for other in others))
        own = lambda: [c for c in stand.peer.sent() if c.fields["chat_id"] == stand.chat]  # noqa: E731
        await eventually(lambda: len(own()) == 3)
        assert asyncio.get_running_loop().time() - began >= 2
        await eventually(lambda: len(stand.peer.sent()) >= 13)


async def test_no_request_breaks_the_telegram_specification(stand: TelegramStand) -> None:
    for number, text in enumerate(["opciones", "largo", "persona"]):
        await stand.write(text, id=number + 1)
    await eventually(lambda: len(stand.got()) > 5, 40)
    assert stand.peer.refused == []


async def test_polling_carries_the_same_conversation(redis: Any, agency: Agency) -> None:
    async with telegram_stand(redis, agency, public_url="") as stand:
        polls: list[None] = []
        stand.world.channel.beat_with(lambda: polls.append(None))
        polling = asyncio.create_task(stand.world.channel.run())
        await redis.hset(f"v:conv:{stand.conversation}", mapping={"channel": "telegram", "speaker": "assistant"})
        await redis.hset(f"v:conv:{stand.conversation}", "welcomed", 1)
        broken = {"update_id": 50, "message": {"chat": {"id": 1}, "date": 1}}
        stand.peer.updates += [broken, {"update_id": 51, "message": stand.message(1, text="¿por dónde?")}]
        await eventually(lambda: texts(stand) == ["eco: ¿por dónde?"])
        stand.peer.answer_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
        stand.peer.updates.append({"update_id": 52, "message": stand.message(2, text="¿y ahora?")})
        await eventually(lambda: texts(stand)[1:] == ["eco: ¿y ahora?"])
        assert len(polls) > 1
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def test_polling_resumes_soon_after_a_killed_poller(
    redis: Any, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert adapter.POLL_LEASE_S <= 10
    assert adapter.POLL_RENEW_S < adapter.POLL_LEASE_S / 2
    monkeypatch.setattr(adapter, "POLL_LEASE_S", 2.0)
    monkeypatch.setattr(adapter, "POLL_RENEW_S", 0.5)
    async with telegram_stand(redis, agency, public_url="") as stand:
        await redis.set(keys.lease_key("telegram-polling"), "killed", px=int(adapter.POLL_LEASE_S * 1000))
        polling = asyncio.create_task(stand.world.channel.run())
        stand.peer.updates.append({"update_id": 60, "message": stand.message(1, text="¿sigues ahí?")})
        await eventually(lambda: texts(stand) != [])
        lease = keys.lease_key("telegram-polling")
        holder = await eventually(lambda: redis.get(lease))
        await asyncio.sleep(adapter.POLL_LEASE_S * 1.2)
        assert holder != "killed"
        assert await eventually(lambda: redis.get(lease)) == holder  # which expires for a moment if the machine stalls
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def test_telegram_is_asked_to_retry_while_the_store_is_unreachable(agency: Agency) -> None:
    from bot.store.client import open_redis

    away = open_redis("redis://127.0.0.1:1/0", SECRET)
    async with telegram_stand(away, agency, work=False) as stand:
        assert await stand.write("¿hay alguien?", id=1) == 503
    await away.aclose()


async def test_call_without_the_secret_is_refused(stand: TelegramStand) -> None:
    stand.headers = {}
    before = REGISTRY.get_sample_value(*REFUSED)
    assert await stand.write("soy Telegram", id=1) == 403
    assert REGISTRY.get_sample_value(*REFUSED) == (before or 0) + 1
    assert await said(stand) == []


async def test_setup_and_status_show_what_telegram_knows(tmp_path: Path) -> None:
    peer = TelegramPeer()
    async with served(peer.app()) as url:  # type: ignore[arg-type]
        ours = Settings(PUBLIC_URL="https://chat.losaromos.example", VENTANILLA_SECRET=SecretStr(SECRET))
        known = TelegramSettings(TELEGRAM_TOKEN=SecretStr(TOKEN), TELEGRAM_API_URL=url)
        before = await asyncio.to_thread(status, known, ours)
        done = await asyncio.to_thread(setup, known, ours)
        after = await asyncio.to_thread(status, known, ours)
        wrong = await asyncio.to_thread(setup, known.model_copy(update={"telegram_token": SecretStr("1:no")}), ours)
    assert before[-1].startswith("✗ El webhook apunta a otra dirección")
    assert done[0] == "✓ @AromaBot recibe mensajes en https://chat.losaromos.example/channels/telegram"
    assert done[1].endswith("/start, /ayuda, /persona, /misdatos, /borrar")
    assert [line[0] for line in after] == ["B", "W", "M", "Ú"]
    assert peer.webhook["secret_token"] == Addresses(SECRET).secret_for("telegram webhook")
    assert wrong == ["✗ Telegram no aceptó el token. Cópialo otra vez de @BotFather."]


def test_addresses_are_named_and_encrypted() -> None:
    addresses = Addresses(SECRET)
    encrypted = addresses.encrypt("56911111111")
    assert "56911111111" not in encrypted
    assert addresses.decrypt(encrypted) == "56911111111"
    assert addresses.encrypt("56911111111") != encrypted
    assert Addresses("t" * 40).decrypt(encrypted) is None
    assert addresses.name(Channel.TELEGRAM, "1") != addresses.name(Channel.WHATSAPP, "1")


@pytest.mark.parametrize("date", [0, 2**33])
async def test_telegrams_clock_is_ignored(redis: Any, agency: Agency, date: int) -> None:
    async with telegram_stand(redis, agency, work=False) as stand:
        for number, moment in enumerate((1764000000, date), 1):
            await stand.update(number, message=stand.message(number, text=f"{number}") | {"date": moment})
        first, second = await said(stand)
        assert (first.text, second.text) == ("1", "2")
        assert 0 <= second.at - first.at < 60_000
