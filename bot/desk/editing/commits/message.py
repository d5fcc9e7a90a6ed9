"""Formats the message, the author and the committer of a commit."""

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
    """Returns the commit message: the kind of change, the question, file, revision, publisher and approvers."""
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
    """Returns the author of a commit in Git's form; OURSELVES without a name or an ``id``.

    Without ``email``, the address is made from the id and does not exist.
    """
    clean = _one_line(name)
    return f"{clean} <{_one_line(email) or f'{id}@{DOMAIN}'}>" if clean and id else OURSELVES


def _one_line(name: str) -> str:
    """Returns a name without the characters that would end it in a commit, and with single spaces."""
    return " ".join(name.translate(str.maketrans("<>\0\n\r", "     ")).split())
