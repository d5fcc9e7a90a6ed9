"""Tests that the inventory of personal data names every column, key, file and processor, and no other."""

from __future__ import annotations

import re

from bot.channels.telegram.settings import TelegramSettings
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.core.messages import Channel
from bot.core.settings import Settings
from bot.core.texts import area
from bot.privacy.inventory import OF_STAFF, inventory, processors
from bot.privacy.record import CITIZENS
from bot.record.base import Base
from bot.store import keys
from bot.store.key_families import KeyFamily
from scripts.personal_data import PAGE, page
from tests.conftest import ROOT

HOME = re.compile(r"\bhome / (\"[^\"]+\"|[A-Z_]+)")
ADDRESS = re.compile(r"_URL$|^OIDC_ISSUER$|^TWILIO_SMS_FROM$")


def test_every_column_is_classified_once() -> None:
    of = inventory()
    tables = Base.metadata.tables
    classified = {name: sorted([*one.datos, *one.otras]) for name, one in of.tablas.items()}
    wanted = {name: sorted(one.columns.keys()) for name, one in tables.items() if name not in of.tablas_sin_datos}
    assert classified == wanted
    assert of.tablas_sin_datos <= set(tables)


def test_every_table_that_is_erased_with_a_conversation_is_said_to_hold_personal_data() -> None:
    assert {one.__tablename__ for one in CITIZENS} <= set(inventory().tablas)


def test_every_key_is_classified_once() -> None:
    of = inventory()
    known = [key.pattern if isinstance(key, KeyFamily) else str(key) for key in keys.catalogue()]
    assert sorted([*of.claves, *of.claves_sin_datos]) == sorted(known)


def test_every_file_of_the_state_folder_is_known() -> None:
    found = {
        f"{path.relative_to(ROOT)} {name}"
        for path in (ROOT / "bot").rglob("*.py")
        for name in HOME.findall(path.read_text(encoding="utf-8"))
    }
    assert found == inventory().en_el_codigo


def test_every_processor_is_named() -> None:
    of = inventory()
    channels = {channel.value for channel in Channel if area(channel).get("proveedor")}
    fields = [one for each in (Settings, TelegramSettings, WhatsAppSettings) for one in each.model_fields.values()]
    addresses = {str(one.alias) for one in fields if ADDRESS.search(str(one.alias))}
    assert channels == {channel.value for channel in Channel} & set(processors())
    assert addresses == (addresses & set(processors())) | of.direcciones


def test_every_place_with_something_of_a_citizen_has_a_row_in_the_notice() -> None:
    of = inventory()
    places = {**of.tablas, **of.rasa, **of.claves, **of.archivos}
    told = {name: one.aviso for name, one in places.items()}
    assert {name for name, row in told.items() if row not in {OF_STAFF, *of.aviso}} == set()
    assert {one.__tablename__ for one in CITIZENS if told[one.__tablename__] == OF_STAFF} == set()
    assert {name for name, row in told.items() if row == OF_STAFF and "<conversation>" in name} == set()
    assert set(of.aviso) - set(told.values()) == {"navegador"}  # is in the browser alone


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
