"""Tests the message and the names of a commit."""

from __future__ import annotations

from uuid import UUID

import pytest

from bot.core.texts import area
from bot.desk.editing.commits.message import OURSELVES, author_of, message_of
from bot.desk.editing.commits.queue import What
from bot.desk.editing.commits.trouble import Reason
from bot.desk.editing.text import EntryText
from bot.record.tables import EntryCommit
from tests.faq_files import GOOD_ENTRY

ID = UUID(int=1)


def message(what: What, content: str = GOOD_ENTRY, name: str = "Ana", approvers: tuple[str, ...] = ()) -> list[str]:
    row = EntryCommit(path="calle/bache.md", what=what, name=name, revision_id=7)
    return message_of(row, EntryText(content), approvers).splitlines()


def test_message_names_the_change_its_revision_and_its_author() -> None:
    assert message(What.PUBLISHED, approvers=("Eva", "Dirección de\nTránsito")) == [
        "Publica: ¿Cómo aviso de un hoyo en la calle?",
        "",
        "Archivo: calle/bache.md",
        "Revisión: 7",
        "Por: Ana",
        "Aprobada por: Eva, Dirección de Tránsito",
    ]


def test_file_that_cannot_be_read_is_named_by_its_path() -> None:
    assert message(What.DISK, "no es una entrada", name="") == [
        "Registra lo cambiado en el disco: calle/bache.md",
        "",
        "Archivo: calle/bache.md",
        "Revisión: 7",
        "Por: alguien que cambió el archivo, desde el disco",
        "Aprobada por: nadie más",
    ]


def test_each_occasion_and_each_reason_has_its_words() -> None:
    assert len({message(what)[0] for what in What}) == len(What)
    assert area("repositorio")["motivos"].keys() == {*Reason}


@pytest.mark.parametrize(
    ("name", "id", "email", "author"),
    [
        ("Ana Pérez", ID, "ana@losaromos.example", "Ana Pérez <ana@losaromos.example>"),
        ("Ana Pérez", ID, "", f"Ana Pérez <{ID}@ventanilla.invalid>"),
        ("Ana <root@x>\nEva", ID, "a>b\n@x", "Ana root@x Eva <a b @x>"),
        ("", None, "", OURSELVES),
        (" <> ", ID, "", OURSELVES),
    ],
)
def test_author_cannot_end_the_line(name: str, id: UUID | None, email: str, author: str) -> None:
    assert author_of(name, id, email) == author
