"""Tests parsing Telegram updates: text, buttons, files, locations, and group messages to the bot."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import User

from bot.channels.telegram.update import Incoming, incoming, needs_me, read_update, rescued
from bot.core.messages import MediaKind, Place
from bot.core.texts import area
from tests.rows import each_row

ME = User(id=99, first_name="Asistente", is_bot=True, username="AromosBot")
ANA = {"id": 1, "is_bot": False, "first_name": "Ana"}
PRIVATE, GROUP = {"id": 1, "type": "private", "first_name": "Ana"}, {"id": -5, "type": "supergroup", "title": "Vecinos"}
TEXTS = area("telegram")


def message(chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_700_000_000, "chat": chat, "from": ANA} | more


def said(chat: dict[str, Any] = PRIVATE, *, me: User | None = ME, **more: Any) -> Incoming | None:
    return incoming(read_update({"update_id": 1, "message": message(chat, **more)}), me)


def entity(text: str, part: str, kind: str, **more: Any) -> list[dict[str, Any]]:
    """Builds an entity of ``part``; Telegram counts in UTF-16 units."""
    before = text[: text.index(part)]
    offset, length = (len(one.encode("utf-16-le")) // 2 for one in (before, part))
    return [{"type": kind, "offset": offset, "length": length} | more]


def test_text_is_read_unchanged() -> None:
    assert said(text="hola 🦙 ñ") == Incoming(chat="1", id="7", text="hola 🦙 ñ")


def test_edited_message_corrects_the_first_and_has_its_own_id() -> None:
    raw = {"update_id": 1, "edited_message": message(text="hola", edit_date=1_700_000_099)}
    assert incoming(read_update(raw), ME) == Incoming(chat="1", id="7:1700000099", text="hola", edits="7")


def test_moving_live_location_is_not_repeated() -> None:
    place = {"latitude": -33.4, "longitude": -70.6, "live_period": 900}
    raw = {"update_id": 1, "edited_message": message(location=place, edit_date=1_700_000_099)}
    assert incoming(read_update(raw), ME) is None
    assert said(location=place).place == Place(-33.4, -70.6)  # type: ignore[union-attr]


def test_venue_is_named_with_its_address() -> None:
    spot = {"latitude": -33.4, "longitude": -70.6}
    found = said(venue={"location": spot, "title": "Feria", "address": "Los Boldos 12"}, location=spot)
    assert found and found.place == Place(-33.4, -70.6, "Feria, Los Boldos 12")


def test_largest_photo_is_kept_and_its_caption_is_the_text() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": width, "height": width, "file_size": width}
        for name, width in (("small", 90), ("large", 900))
    ]
    found = said(photo=sizes, caption="este hoyo")
    assert found and found.text == "este hoyo"
    (one,) = found.attachments
    assert (one.kind, one.ref, one.type, one.size) == (MediaKind.PHOTO, "large", "image/jpeg", 900)


@pytest.mark.parametrize(
    ("what", "kind", "ref"),
    [
        (
            {"sticker": {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}},
            "sticker",
            "",
        ),
        ({"voice": {"duration": 3, "mime_type": "audio/ogg"}}, "voice", "f"),
        ({"document": {"file_name": "../../clave.pdf", "mime_type": "application/pdf"}}, "document", "f"),
        ({"video_note": {"length": 3, "duration": 3}}, "video", "f"),
    ],
)
def test_files_are_distinguished_and_only_useful_ones_can_be_fetched(what: dict[str, Any], kind: str, ref: str) -> None:
    ((name, file),) = what.items()
    found = said(**{name: file | {"file_id": "f", "file_unique_id": "f"}})
    assert found
    assert [(one.kind.value, one.ref) for one in found.attachments] == [(kind, ref)]


def test_contact_of_another_person_is_dropped() -> None:
    found = said(contact={"phone_number": "+56976543211", "first_name": "Berta"})
    assert found and found.attachments[0].kind is MediaKind.CONTACT
    assert "56976543211" not in repr(found) and "Berta" not in repr(found)


def test_unknown_content_is_an_attachment_of_kind_other() -> None:
    found = said(dice={"emoji": "🎲", "value": 3})
    assert found and [one.kind for one in found.attachments] == [MediaKind.OTHER]


@pytest.mark.parametrize("text", ["/start", "/START", "/start@AromosBot", " /start ", "/start ref_123"])
def test_start_of_a_chat_is_a_command(text: str) -> None:
    found = said(text=text)
    assert found and (found.command, found.text) == ("start", TEXTS["menu"]["start"])


def test_menu_command_is_read_as_its_text() -> None:
    name, words = next(iter(TEXTS["ordenes"].items()))
    assert said(text=f"/{name}") == Incoming(chat="1", id="7", text=words)


@pytest.mark.parametrize(
    ("text", "read"), [("/bache calle Uno", "calle Uno"), ("/permiso", "permiso"), ("/ y/o", "/ y/o")]
)
def test_other_command_is_the_text_after_it(text: str, read: str) -> None:
    found = said(text=text)
    assert found and (found.command, found.text) == ("", read)


def test_pressed_button_names_its_query_even_without_data() -> None:
    query = {"id": "q", "from": ANA, "chat_instance": "x", "message": message(text="¿Cuál?")}
    for data, button in (({"data": "b1"}, "b1"), ({}, "")):
        found = incoming(read_update({"update_id": 1, "callback_query": query | data}), ME)
        assert found == Incoming(chat="1", id="cb:q", button=button, query="q")


def test_button_whose_message_is_gone_is_empty() -> None:
    query = {"id": "q", "from": ANA, "chat_instance": "x", "data": "b1", "inline_message_id": "i"}
    assert incoming(read_update({"update_id": 1, "callback_query": query}), ME) is None


@pytest.mark.parametrize(("status", "left"), [("kicked", True), ("left", True), ("member", False)])
def test_blocking_and_unblocking_are_read(status: str, left: bool) -> None:
    bot = {"id": 99, "is_bot": True, "first_name": "Asistente"}
    member = {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
    change = {"chat": PRIVATE, "from": ANA, "date": 1, "old_chat_member": {"user": bot, "status": "member"}}
    found = incoming(read_update({"update_id": 1, "my_chat_member": change | {"new_chat_member": member}}), ME)
    assert found == Incoming(chat="1", left=left)


def test_other_bots_and_chat_notices_are_not_answered() -> None:
    assert said(**{"from": ANA | {"is_bot": True}}, text="hola") is None
    assert said(GROUP, new_chat_title="Otro", text="@AromosBot") is None
    assert incoming(read_update({"update_id": 1}), ME) is None


class TestInAGroup:
    """Tests that only messages meant for the assistant are read."""

    def test_group_talk_among_members_is_ignored(self) -> None:
        assert said(GROUP, text="¿cuándo pasa la basura?") is None
        assert said(GROUP, text="AromosBot no sirve") is None

    def test_mention_is_read_and_removed_wherever_it_stands(self) -> None:
        text = "🦙 @aromosbot, ¿cuándo pasa la basura?"
        found = said(GROUP, text=text, entities=entity(text, "@aromosbot", "mention"))
        assert found and found.text == "🦙 ¿cuándo pasa la basura?"

    def test_mention_of_another_account_or_inside_a_longer_name_is_not_ours(self) -> None:
        for name in ("@OtroBot", "@AromosBot2", "@xAromosBot"):
            text = f"{name} hola"
            assert said(GROUP, text=text, entities=entity(text, name, "mention")) is None

    def test_name_within_an_email_is_no_mention_and_stays(self) -> None:
        text = "escribe a ana@aromosbot o a @AromosBot"
        found = said(GROUP, text=text, entities=entity(text, "@AromosBot", "mention"))
        assert found and found.text == "escribe a ana@aromosbot o a"

    def test_mention_without_a_user_name_goes_by_the_account(self) -> None:
        text = "Asistente, hola"
        named = {"user": {"id": 99, "is_bot": True, "first_name": "Asistente"}}
        assert said(GROUP, text=text, entities=entity(text, "Asistente", "text_mention", **named)) is not None

    def test_reply_to_the_bot_is_read(self) -> None:
        ours = message(GROUP, text="¿Cuál?") | {"from": {"id": 99, "is_bot": True, "first_name": "Asistente"}}
        assert said(GROUP, text="la segunda", reply_to_message=ours) is not None
        assert said(GROUP, text="la segunda", reply_to_message=message(GROUP, text="hola")) is None

    def test_command_for_another_bot_is_ignored(self) -> None:
        assert said(GROUP, text="/start@OtroBot") is None
        assert said(GROUP, text="/start@aromosbot") is not None

    def test_message_and_pressed_button_say_that_several_people_read(self) -> None:
        def pressed(chat: dict[str, Any]) -> dict[str, Any]:
            return {"id": "q1", "from": ANA, "chat_instance": "1", "message": message(chat, text="a"), "data": "b1"}

        chats = (PRIVATE, GROUP)
        written = [said(chat, text="/start@AromosBot") for chat in chats]
        taps = [incoming(read_update({"update_id": 1, "callback_query": pressed(chat)}), ME) for chat in chats]
        assert [one and one.group for one in (*written, *taps)] == [False, True] * 2

    def test_nothing_in_a_group_is_read_without_the_bots_own_name(self) -> None:
        assert said(GROUP, text="/start@AromosBot", me=None) is None
        assert needs_me(read_update({"update_id": 1, "message": message(GROUP, text="a")}))
        assert not needs_me(read_update({"update_id": 1, "message": message(text="a")}))


def test_text_is_rescued_from_what_the_sdk_cannot_read() -> None:
    raw = {"update_id": 1, "message": message(text="hola", new_thing={"x": 1})}
    assert rescued(raw) == Incoming(chat="1", id="7", text="hola")
    assert rescued({"message": message(caption="mira")}) == Incoming(chat="1", id="7", text="mira")
    found = rescued({"message": message(text=["no", "texto"])})
    assert found and [one.kind for one in found.attachments] == [MediaKind.OTHER]


@each_row(
    "raw",
    [
        None,
        [],
        "hola",
        {},
        {"message": []},
        {"message": message(GROUP, text="hola")},
        {"message": message(text="hola") | {"message_id": "7"}},
        {"message": message({"id": "1", "type": "private"}, text="hola")},
        {"message": message(text="hola") | {"from": ANA | {"is_bot": True}}},
        {"message": message(text="hola") | {"from": {"id": 1}}},
        {"message": message(text="hola") | {"from": None}},
        {"message": message(text="hola") | {"chat": None}},
    ],
)
def test_nothing_else_is_rescued(raw: Any) -> None:
    assert rescued(raw) is None
