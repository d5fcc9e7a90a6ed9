"""Tests that input of strangers and other systems is read or refused, and never causes another error."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.agency.model import load_agency
from bot.channels.telegram.update import incoming, needs_me, read_update, rescued
from bot.channels.whatsapp.read import read_message, read_status
from bot.conversation.addresses import Addresses
from bot.core.errors.contents import InvalidAgency
from bot.desk.crisis.packs import read_pack
from bot.faq.imports import entry_zip, faq_page, rasa_nlu
from bot.faq.imports.sheet import rows_of
from bot.faq.imports.sheet_problem import SheetFound
from tests.any_json import JSON, WORDS
from tests.conftest import ROOT

FEW = settings(max_examples=60)
AGENCY = (ROOT / "agency.yml").read_text(encoding="utf-8").splitlines()
PACK = next((ROOT / "data" / "crisis").glob("*.yml")).read_text(encoding="utf-8").splitlines()
YAML_VALUE = st.sampled_from(
    ("2026-13-45", "99:99:99", "[", "{a", "&a *a", "!!binary x", "0x", "{[1]: 2}", "<<: 3", "'", "1e999", "~", "|")
)
ADDRESSES = Addresses("s" * 40)
USER = {"id": 1, "is_bot": False, "first_name": "Ana"}
MESSAGE = {"message_id": 5, "date": 1, "text": "hola", "from": USER, "chat": {"id": 1, "type": "private"}}


def changed(known: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Returns a strategy for objects like ``known`` in which some values, also nested ones, are any JSON."""
    inner = {name: JSON | changed(one) if isinstance(one, dict) else JSON | st.just(one) for name, one in known.items()}
    return st.fixed_dictionaries({}, optional=inner)


@FEW
@given(JSON | changed({"update_id": 1, "message": MESSAGE, "callback_query": {"id": "1", "from": USER, "data": "x"}}))
def test_update_of_telegram_is_read_refused_or_rescued(raw: Any) -> None:
    update: Update | None = None
    with suppress(Exception):  # the adapter takes whatever the SDK raises, and then rescues what it can
        update = read_update(raw)
        if not needs_me(update):
            incoming(update, None)
    found = rescued(raw)
    assert found is None or (found.chat and found.id)


FIELDS = ("MessageSid", "SmsSid", "From", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "Latitude", "Longitude")
FIELDS += ("ButtonPayload", "ButtonText", "ListId", "ListTitle", "MessageStatus", "ErrorCode", "Label", "Address")
SID = f"SM{1:032x}"  # a form with an id of another length is ignored unread
SENDER = st.just("whatsapp:+56912345678")
NUMBERS = st.sampled_from(("nan", "inf", "1e400", "-91", "٣", "9" * 5000, "0x10"))


@FEW
@example([("From", "whatsapp:+56912345678"), ("MessageSid", SID), ("Body", "hola"), ("NumMedia", "9" * 5000)])
@given(st.lists(st.tuples(st.sampled_from(FIELDS), WORDS | st.just(SID) | SENDER | NUMBERS), max_size=20))
def test_form_of_whatsapp_is_read_or_ignored(pairs: list[tuple[str, str]]) -> None:
    read_status(pairs)
    if found := read_message(pairs, ADDRESSES):
        message, sender = found
        assert sender.startswith("whatsapp:")
        assert message.place is None or abs(message.place.latitude) <= 90


def lines_of(known: list[str]) -> st.SearchStrategy[str]:
    """Returns a strategy for the file ``known`` with one line's value changed, or for any text."""

    def spoilt(at: int, value: str) -> str:
        lines = list(known)
        lines[at] = f"{lines[at].partition(':')[0]}: {value}"
        return "\n".join(lines)

    return st.builds(spoilt, st.integers(0, len(known) - 1), YAML_VALUE | WORDS) | st.text()


@FEW
@given(lines_of(AGENCY))
@example("nombre: 2026-13-45")
@example("[" * 1000)
def test_agency_file_is_read_or_named_as_invalid(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with suppress(InvalidAgency):
        load_agency(written(tmp_path_factory, text))


@FEW
@given(lines_of(PACK))
def test_pack_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with suppress(OSError, ValueError, yaml.YAMLError):
        read_pack(written(tmp_path_factory, text))


def written(folders: pytest.TempPathFactory, text: str) -> Path:
    path = folders.getbasetemp() / "parsed.yml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def zipped(names: list[str], content: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


NAMES = st.sampled_from(("a.md", "../../a.md", "/etc/a.md", "a/b/a.md", "a.frases.txt", "\\a.md", "a.md/", "ñ.md"))
HEADER = st.sampled_from((b"---\npregunta: a\n---\nb", b"---\n[\n---", b"---\n&a [*a]\n---", b"\xff\xfe", b"---"))
ZIPS = st.builds(zipped, st.lists(NAMES, max_size=3, unique=True), HEADER | st.binary(max_size=50))
PAGE = st.builds("<script type='application/ld+json'>{}</script>{}".format, JSON.map(json.dumps), WORDS)
QUESTIONS = changed(
    {"@type": "FAQPage", "mainEntity": {"@type": "Question", "name": "a", "acceptedAnswer": {"text": "b"}}}
)
EXAMPLES_OF = b"nlu:\n- intent: a\n  examples: |\n"
NLU = changed({"nlu": {"intent": "a", "examples": "- b"}, "responses": {"utter_a": {"text": "c"}}})


@FEW
@given(
    st.sampled_from((entry_zip.rows, faq_page.rows_of_json, faq_page.rows_of_html, rasa_nlu.rows)),
    ZIPS
    | st.binary(max_size=200)
    | (PAGE | JSON.map(json.dumps) | QUESTIONS.map(json.dumps) | NLU.map(str)).map(str.encode),
)
@example(rasa_nlu.rows, b"a: 2026-13-45")
@example(rasa_nlu.rows, EXAMPLES_OF + b"\n" * 200_000 + b"    x")  # would take minutes if the time grew with the square
@example(rasa_nlu.rows, EXAMPLES_OF + b"    - " + b"[" * 200_000)
@example(faq_page.rows_of_html, b"<h2>\xc2\xbfa?</h2><p>x\n" + b" " * 500_000 + b"x</p>")
@example(rasa_nlu.rows, EXAMPLES_OF + b"    - " + b"[a](" * 50_000)
@example(faq_page.rows_of_json, b"[" * 60_000)
@example(faq_page.rows_of_json, b"[{}]")
def test_file_of_questions_is_read_or_its_problem_is_reported(read: Callable[..., Any], raw: bytes) -> None:
    found = SheetFound()
    rows = read(raw, lambda texts: 0, found)
    assert rows is None or all(row.cells for row in rows)
    assert rows or found.problems


@FEW
@given(ZIPS, st.integers(0, 300), st.binary(min_size=1, max_size=3))
@example(zipped(["../../a.md", "/etc/a.md"], b"x"), 131, b"\0")  # a file in the directory without a name
def test_damaged_zip_is_read_or_its_problem_is_reported(raw: bytes, at: int, damage: bytes) -> None:
    rows_of("a.zip", raw[:at] + damage + raw[at + len(damage) :], SheetFound())
