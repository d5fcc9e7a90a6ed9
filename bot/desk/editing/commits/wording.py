"""Writes the message and the names of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from bot.core.texts import say
from bot.desk.editing.form import NotAForm, form_of
from bot.desk.editing.text import EntryText
from bot.record.tables import EntryCommit

# Nobody receives mail there: RFC 2606 keeps the domain free.
DOMAIN = "ventanilla.invalid"
OURSELVES = f"Ventanilla <ventanilla@{DOMAIN}>"


def message_of(row: EntryCommit, text: EntryText, approvers: Sequence[str]) -> str:
    """Returns the message: what happened to which question, the revision, who published and who approved."""
    question = ""
    with suppress(NotAForm):
        question = form_of(text).fields["pregunta"]
    lines = [
        say(f"repositorio.mensaje.{row.what}", pregunta=question or row.path),
        "",
        say("repositorio.mensaje.archivo", archivo=row.path),
        say("repositorio.mensaje.revision", numero=row.revision_id),
        say("repositorio.mensaje.por", quien=_one_line(row.name)) if row.name else say("repositorio.mensaje.del_disco"),
        say("repositorio.mensaje.aprobada", quien=", ".join(map(_one_line, approvers)))
        if approvers
        else say("repositorio.mensaje.sin_aprobacion"),
    ]
    return "\n".join(lines) + "\n"


def author_of(name: str, id: UUID | None, email: str) -> str:
    """Returns the author of a commit in Git's form; without an e-mail the address is neutral, one for each person."""
    clean = _one_line(name)
    return f"{clean} <{_one_line(email) or f'{id}@{DOMAIN}'}>" if clean and id else OURSELVES


def _one_line(name: str) -> str:
    """Removes from a name what would end it in a commit."""
    return " ".join(name.translate(str.maketrans("<>\0\n\r", "     ")).split())
