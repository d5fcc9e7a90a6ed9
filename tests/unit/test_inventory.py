"""Tests that the inventory of personal data names every column, key, file and processor, and no other."""

from __future__ import annotations

import re

from bot.channels.folders import settings_classes
from bot.core.messages import Channel
from bot.core.settings import Settings
from bot.core.texts import area
from bot.desk.auth.permissions import Permission
from bot.privacy.inventory import OF_STAFF, inventory, processors
from bot.privacy.record import CITIZENS
from bot.privacy.renewal import COLUMNS
from bot.record.base import Base
from bot.record.transcripts.rows import ENCRYPTED
from bot.store import keys
from bot.store.key_families import KeyFamily
from scripts.asvs import exists
from scripts.personal_data import PAGE, page
from tests.conftest import ROOT

HOME = re.compile(r"\bhome / (\"[^\"]+\"|[A-Z_]+)")
# A column that opens something. (The token of a form opens nothing without the session.)
OPENS = re.compile(r"(password|token|code)_hash|\w*secret|wrapped")
# The permissions that change no column; tests/integration/test_desk_roles.py shows which addresses each opens.
READ_ONLY = {
    Permission.DESK,
    Permission.ALL_TICKETS,
    Permission.OPINIONS,
    Permission.FIGURES,
    Permission.REGISTER,
    Permission.AUDIT,
}
KEYS_FILES = {"secrets.json", "running.json"}  # not personal data, but secret
# Levels whose data always ends.
ENDING = {"secreto", "reservado", "expediente"}
FOR_EVER = re.compile(r"No (se borra|termina)")
ADDRESS = re.compile(r"_URL$|^OIDC_ISSUER$|^TWILIO_SMS_FROM$")


def test_every_column_is_classified_once() -> None:
    of = inventory()
    tables = Base.metadata.tables
    classified = {name: sorted([*one.datos, *one.otras]) for name, one in of.tablas.items()}
    wanted = {name: sorted(one.columns.keys()) for name, one in tables.items() if name not in of.tablas_sin_datos}
    assert classified == wanted
    assert of.tablas_sin_datos <= set(tables)


def test_every_table_that_is_erased_with_a_conversation_is_listed_with_personal_data() -> None:
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
    fields = [one for each in (Settings, *settings_classes()) for one in each.model_fields.values()]
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


def test_every_place_has_a_name_on_the_page_of_requests() -> None:
    assert set(area("datos")["lugares"]) == {one.__tablename__ for one in CITIZENS}


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_everything_personal_has_one_protection_level() -> None:
    of = inventory()
    tables = {**of.tablas, **{f"rasa.{name}": one for name, one in of.rasa.items()}}
    personal = [f"{table}.{column}" for table, one in tables.items() for column in one.datos]
    in_levels = [column for level in of.niveles for column in columns_of(level)]
    secret = [one for one in in_levels if OPENS.fullmatch(one.partition(".")[2]) and one not in personal]
    assert sorted(in_levels) == sorted([*personal, *secret])
    assert sorted(key for level in of.niveles.values() for key in level.claves) == sorted(of.claves)
    files = sorted(file for level in of.niveles.values() for file in level.archivos)
    assert files == sorted([*of.archivos, *KEYS_FILES])


def test_every_column_that_opens_something_is_secret_and_kept_as_a_hash_or_encrypted() -> None:
    columns = {f"{table}.{column}" for table, one in Base.metadata.tables.items() for column in one.columns.keys()}
    opening = {one for one in columns if OPENS.fullmatch(one.partition(".")[2])}
    assert opening == set(columns_of("secreto"))
    encrypted = {f"{column.class_.__tablename__}.{column.key}" for column, _ in COLUMNS}
    in_clear = {one for one in opening if not one.endswith(("_hash", ".wrapped"))}
    assert in_clear <= encrypted


def test_every_reserved_column_is_encrypted_by_the_program() -> None:
    transcripts = {f"{table.__tablename__}.{name}" for table, one in ENCRYPTED.items() for name in one.columns}
    addresses = {f"{column.class_.__tablename__}.{column.key}" for column, _ in COLUMNS}
    assert set(columns_of("reservado")) == transcripts | addresses - set(columns_of("secreto"))


def test_data_of_the_higher_levels_has_a_term_and_named_readers() -> None:
    of = inventory()
    high = {table for level in ENDING for table in of.niveles[level].columnas}
    tables = {name: one for name, one in of.tablas.items() if name in high}
    places = {name: one for name, one in {**of.claves, **of.archivos}.items() if of.level_of(name) in ENDING}
    assert [name for name, one in {**tables, **places}.items() if FOR_EVER.match(one.hasta)] == []
    assert [name for name, one in {**tables, **of.archivos}.items() if not one.ven] == []


def test_every_demand_of_a_level_names_the_tests_that_show_it() -> None:
    assert [test for level in inventory().niveles.values() for test in level.pruebas if not exists(test)] == []


def test_writers_are_listed_for_existing_columns_and_every_writing_permission() -> None:
    of = inventory().escriben
    named = {f"{table}.{column}" for one in of for table, names in one.columnas.items() for column in names}
    known = {f"{name}.{column.name}" for name, table in Base.metadata.tables.items() for column in table.columns}
    assert named - known == set()
    assert {one.permiso for one in of} - {""} == set(Permission) - READ_ONLY


def columns_of(level: str) -> list[str]:
    return [f"{table}.{column}" for table, names in inventory().niveles[level].columnas.items() for column in names]
