"""Encrypts the values of rows before they are written, and decrypts the values that were read.

A value is bound to its column, conversation and row, so it cannot be decrypted elsewhere. Unencrypted values, of an
older release, are read as they are. An encrypted value without a readable key is replaced with the text ``gone``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from bot.core.logs import log
from bot.core.messages import Author
from bot.core.secrets.encryption import ConversationCipher
from bot.core.texts import say
from bot.record.base import Base
from bot.record.tables import CallbackAttempt, Closing, Message, Note, PendingApproval, Ticket
from bot.record.transcripts.keys import Ciphers, ciphers_of, writing_cipher

MARK = "\x02"  # in no text of a citizen or of staff (bot/conversation/readable.py)
PERSONAL_FACTS = ("attachments", "place")  # the fields of a message's data that are encrypted

Row = TypeVar("Row", bound=Base)
Value = Any  # of a column: a text, or JSON
Columns = Mapping[str, Value]


@dataclass(frozen=True)
class Encrypted:
    """The encrypted columns of a table, and the column that identifies a row within its conversation."""

    columns: tuple[str, ...]
    row: str


ENCRYPTED: dict[type[Base], Encrypted] = {
    Message: Encrypted(("text", "data"), "event_id"),
    Note: Encrypted(("text",), "event_id"),
    Ticket: Encrypted(("summary",), "id"),
    PendingApproval: Encrypted(("words", "events"), "id"),
    CallbackAttempt: Encrypted(("note",), "callback_id"),
    Closing: Encrypted(("summary",), "ticket_id"),
}


def gone() -> str:
    """Returns the Spanish text that replaces a text whose key was deleted."""
    return say("privacidad.texto_borrado")


async def encrypt_row(
    session: AsyncSession, table: type[Base], conversation: str, row: Mapping[str, Value]
) -> dict[str, Value]:
    """Returns ``row`` with the values of its encrypted columns encrypted.

    ``row`` must contain the column that identifies it; the conversation must already be in the record.
    """
    encrypted = ENCRYPTED[table]
    values = {name: row[name] for name in encrypted.columns if row.get(name) and not is_encrypted(row[name])}
    if not values or (table is Message and _is_published(row)):
        return dict(row)
    cipher = await writing_cipher(session, conversation)
    about = (table.__tablename__, conversation, str(row[encrypted.row]))
    return dict(row) | {name: _encrypted(cipher, value, about, name) for name, value in values.items()}


async def decrypt_rows(
    session: AsyncSession,
    table: type[Base],
    rows: Iterable[Columns | RowMapping],
    conversation: str = "",
    gone: str = "",
) -> list[dict[str, Value]]:
    """Returns the rows decrypted.

    ``conversation`` is that of all rows, or '' if each row has a ``conversation_id``. ``gone`` replaces a text whose
    key was deleted.
    """
    found = [dict(row) for row in rows]
    names = {conversation or row["conversation_id"] for row in found if _needs_key(table, row)}
    ciphers = await ciphers_of(session, names)
    return [row | _clear(table, row, ciphers, conversation or row["conversation_id"], gone) for row in found]


async def decrypt_objects(
    session: AsyncSession, rows: Sequence[Row], conversations: Mapping[int, str] | None = None, gone: str = ""
) -> Sequence[Row]:
    """Decrypts objects in place, without marking them as changed, and returns them.

    ``conversations`` maps the id of each call-back request to its conversation, for objects without
    ``conversation_id``. ``gone`` replaces a text whose key was deleted.
    """

    def name_of(row: Row) -> str:
        return conversations[vars(row)["callback_id"]] if conversations else str(vars(row)["conversation_id"])

    ciphers = await ciphers_of(session, {name_of(row) for row in rows if _needs_key(type(row), vars(row))})
    for row in rows:
        for column, value in _clear(type(row), vars(row), ciphers, name_of(row), gone).items():
            set_committed_value(row, column, value)
    return rows


async def read(session: AsyncSession, query: Select[Row], gone: str = "") -> Sequence[Row]:
    """Runs a query for objects of one encrypted table, and returns them decrypted.

    ``gone`` replaces a text whose key was deleted.
    """
    return await decrypt_objects(session, (await session.scalars(query)).all(), gone=gone)


def is_encrypted(value: Value) -> bool:
    """Returns whether a column's value is encrypted, or a message's data has an encrypted field."""
    if isinstance(value, dict):
        return any(is_encrypted(value.get(name)) for name in PERSONAL_FACTS)
    return isinstance(value, str) and value.startswith(MARK)


def _is_published(row: Columns) -> bool:
    """Returns whether a message is the assistant's answer with an entry.

    Such a message stays unencrypted, so that SQL can search it.
    """
    return row.get("author") == Author.ASSISTANT and "provenance" in (row.get("data") or {})


def _needs_key(table: type[Base], row: Columns) -> bool:
    return any(is_encrypted(row.get(name)) for name in ENCRYPTED[table].columns)


def _encrypted(cipher: ConversationCipher, value: Value, about: Collection[str], name: str) -> Value:
    if isinstance(value, dict):
        chosen = {one: value[one] for one in PERSONAL_FACTS if value.get(one)}
        return value | {one: _encrypted(cipher, json.dumps(said), about, one) for one, said in chosen.items()}
    plain = value if isinstance(value, str) else json.dumps(value)
    return f"{MARK}{cipher.id}.{cipher.encrypt(plain, _place(about, name))}"


def _place(about: Collection[str], name: str) -> str:
    table, conversation, row = about
    return "\x1f".join((f"{table}.{name}", conversation, row))


def _clear(table: type[Base], row: Columns, ciphers: Ciphers, conversation: str, gone: str) -> dict[str, Value]:
    """Returns the decrypted values of the row's encrypted columns."""
    if not _needs_key(table, row):
        return {}
    encrypted = ENCRYPTED[table]
    about = (table.__tablename__, conversation, str(row[encrypted.row]))
    clear: dict[str, Value] = {}
    for name in encrypted.columns:
        value = row.get(name)
        if not is_encrypted(value):
            continue
        if isinstance(value, dict):
            facts = {
                one: _decrypted(ciphers, value[one], about, one)
                for one in PERSONAL_FACTS
                if is_encrypted(value.get(one))
            }
            known = {one: json.loads(said) for one, said in facts.items() if said is not None}
            clear[name] = {one: said for one, said in value.items() if one not in facts} | known
            continue
        said = _decrypted(ciphers, value, about, name)
        if name == "events":
            clear[name] = [] if said is None else json.loads(said)
        else:
            clear[name] = gone if said is None else said
    return clear


def _decrypted(ciphers: Ciphers, value: Value, about: Collection[str], name: str) -> str | None:
    table, conversation, row = about
    id, _, encrypted = value.removeprefix(MARK).partition(".")
    cipher = ciphers.get((conversation, id))
    plain = cipher.decrypt(encrypted, _place(about, name)) if cipher else None
    if plain is None:
        reason = "no key" if cipher is None else "does not belong here"
        log.error("record: text unreadable", table=table, conversation=conversation, row=row, reason=reason)
    return plain
