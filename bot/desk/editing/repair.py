"""Repairs files of the FAQ folder: applies the fixes that the checks propose, and opens the result as a draft.

A fix changes only the line of its problem. Other errors must be corrected by an editor in the text of the file.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from sqlalchemy import select

from bot.core.errors.base import VentanillaError
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.record import FROM_DISK, Editor, State
from bot.desk.editing.text import EntryText, text_in
from bot.faq.entries.folder import is_entry, load_files
from bot.faq.entries.front_matter import CONTROL, FENCE
from bot.faq.entries.phrases import phrases_name
from bot.faq.entries.problem import Problem, Severity
from bot.faq.entries.schema import optional_names
from bot.faq.entries.yaml_hints import QUOTES, quoted
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument

MOST_FIXES = 200
UNREPAIRABLE = frozenset({"frases_sin_respuesta", "archivo_enorme"})  # a change of the text alone cannot repair them
BEGINNING = re.compile(r"^\s*(?:-\s+|[\w-]+\s*:\s*)")  # of a list item or of a field
HYPHEN = re.compile(r"^\s*-(?=[^\s-])")

RENAMED, MISSING = "campo_desconocido_parecido", "falta_campo"

Fix = Callable[[str, Problem], list[str] | None]


class DraftOpen(VentanillaError):
    """The entry has an open draft, whose publication replaces the file."""


def _whole(line: str, problem: Problem) -> list[str] | None:
    indent = line[: len(line) - len(line.lstrip())]
    return [indent + problem.right] if problem.right else None


def _value(line: str, problem: Problem) -> list[str] | None:
    """Replaces the value of a field or list item with the proposed value; None if the check proposes no value."""
    beginning = BEGINNING.match(line)
    return [beginning[0].rstrip() + " " + problem.right] if beginning and problem.right else None


def _quoted(line: str, problem: Problem) -> list[str] | None:
    beginning = BEGINNING.match(line)
    rest = line[beginning.end() :].strip() if beginning else ""
    return _value(line, replace(problem, right=quoted(rest.strip(QUOTES)))) if rest else None


def _item(fix: Fix) -> Fix:
    """Restricts a fix to lines with one utterance, since it would also change other utterances of an inline list."""

    def fixed(line: str, problem: Problem) -> list[str] | None:
        is_alone = line.lstrip().startswith("-") or not is_entry(problem.file)
        return fix(line, problem) if is_alone else None

    return fixed


def _without_tab(line: str, _problem: Problem) -> list[str] | None:
    bare = line.lstrip()
    return ["  " + bare if bare.startswith("-") else bare]


def _renamed(line: str, problem: Problem) -> list[str] | None:
    return [line.replace(problem.field, problem.right, 1)] if problem.right else None


def _emptied(_line: str, problem: Problem) -> list[str] | None:
    return [] if problem.field in optional_names() else None


def _named(line: str, problem: Problem) -> list[str] | None:
    """Adds a missing field whose value follows from the path of the file; None for any other field."""
    path = PurePosixPath(problem.file)
    known = {"id": path.name.partition(".")[0], "tema": path.parent.name}.get(problem.field)
    return [f"{problem.field}: {known}", line] if known else None


def _closed(line: str, _problem: Problem) -> list[str] | None:
    return [line, FENCE] if line.strip() else [FENCE, line]


FIXES: Mapping[str, Fix] = {
    "tabulacion": _without_tab,
    "guion_sin_espacio": _whole,
    "dos_puntos_sin_espacio": _whole,
    "sin_dos_puntos": _whole,
    "dos_puntos_en_texto": _value,
    "signo_especial": _value,
    "comillas_abiertas": _quoted,
    "variante_con_dos_puntos": _item(_quoted),
    "variante_vacia": _item(lambda _line, _problem: []),
    "tres_guiones": lambda _line, _problem: [FENCE],
    "sin_inicio": lambda line, _problem: [FENCE, line],
    "sin_cierre": _closed,
    "caracter_de_control": lambda line, _problem: [CONTROL.sub("", line)],
    "fecha_mal_escrita": _value,
    "fuente_sin_https": _value,
    "tema_distinto_de_carpeta": _value,
    "id_distinto_del_archivo": _value,
    "equipo_desconocido_parecido": _value,
    RENAMED: _renamed,
    "campo_sin_valor": _emptied,
    MISSING: _named,
}
GLUED = frozenset({"variantes_sin_lista", "variante_unida"})  # a hyphen of the list has no space after it
ITEMS = frozenset({"variante_con_dos_puntos", "variante_vacia"})  # about one item of a list
READ = "no_es_utf8"  # read_anyhow repairs the encoding


def are_known(problems: Sequence[Problem]) -> bool:
    """Returns whether every problem has a known kind of fix; a fix may still fail on the actual line."""
    renamed = {one.right for one in problems if one.code == RENAMED}
    return all(_is_known(one) or (one.code == MISSING and one.field in renamed) for one in problems)


def _is_known(problem: Problem) -> bool:
    fix = FIXES.get(problem.code)
    line = "- x" if problem.code in ITEMS else "campo: x"
    return problem.code in GLUED or problem.code == READ or bool(fix and fix(line, problem) is not None)


def digest(files: Mapping[str, bytes]) -> str:
    """Returns the SHA-256 of an entry's files as they are on the disk; ``files`` maps their paths to their contents."""
    found = hashlib.sha256()
    for name, content in sorted(files.items()):
        found.update(f"{name}:{len(content)}:".encode() + content)
    return found.hexdigest()


def read_anyhow(files: Mapping[str, bytes], path: str) -> EntryText:
    """Returns the text of an entry's files, decoded as UTF-8, UTF-16 or Windows-1252, with Unix line ends."""
    return EntryText(_decoded(files.get(path, b"")), _decoded(files.get(phrases_name(path), b"")))


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{lines}\n" if lines else ""


def errors_of(text: EntryText, path: str, teams: Mapping[str, str] | None) -> list[Problem]:
    """Returns the errors of an entry's files, without errors that only other files cause.

    ``teams`` are the agency's teams, by key; with None, any team is valid.
    """
    files = {name: content for name, content in text.files(path).items() if content}
    return [one for one in load_files(files, teams).problems if one.severity is Severity.ERROR]


def repaired(text: EntryText, path: str, teams: Mapping[str, str]) -> EntryText:
    """Returns ``text`` with every proposed fix applied, one after the other; errors without a fix remain."""
    for _ in range(MOST_FIXES):
        problems = errors_of(text, path, teams)
        fixed = next((found for one in problems if (found := _with_fix(text, path, one)) != text), text)
        if fixed == text:
            break
        text = fixed
    return text


def _with_fix(text: EntryText, path: str, problem: Problem) -> EntryText:
    is_entry = problem.file == path
    lines = (text.content if is_entry else text.phrases).split("\n")
    if not 0 < problem.line <= len(lines):
        return text
    before, line, after = lines[: problem.line - 1], lines[problem.line - 1], lines[problem.line :]
    if problem.code in GLUED:
        after = _spaced(after, line)
    fix = FIXES.get(problem.code)
    fresh = fix(line, problem) if fix else [line]
    if fresh is None:
        return text
    written = "\n".join([*before, *fresh, *after])
    return EntryText(written, text.phrases) if is_entry else EntryText(text.content, written)


def _spaced(lines: list[str], before: str) -> list[str]:
    """Returns the lines, with the leading list items indented like the list and a space after each hyphen.

    ``before`` is the line before them: an item of the list, or the field that has it.
    """
    indent = before[: len(before) - len(before.lstrip())] if before.lstrip().startswith("-") else "  "
    end = next((number for number, line in enumerate(lines) if not line[:1].isspace()), len(lines))
    return [*(HYPHEN.sub(f"{indent}- ", line) for line in lines[:end]), *lines[end:]]


class FileRepair:
    """Opens the repaired text of a file as a draft, which is published or sent to review like any other draft."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def draft_of(self, path: str) -> uuid.UUID | None:
        """Returns the id of the entry with the file ``path`` if it has an open draft, else None."""
        async with self._sessions() as session:
            document = await session.scalar(select(EntryDocument).where(EntryDocument.path == path))
            is_open = document is not None and await record.open_edition(session, document.id) is not None
        return document.id if document and is_open else None

    async def take(self, path: str, text: EntryText, files: Mapping[str, bytes], by: Editor) -> uuid.UUID:
        """Makes ``text`` the draft of the entry with the file ``path``; returns the entry's id. Raises DraftOpen.

        The broken text, which ``files`` hold, becomes a revision, if it is UTF-8. A new file becomes a new entry.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await record.document_at(session, path)
            if await record.open_edition(session, document.id) is not None:
                raise DraftOpen
            broken = text_in(files, path)
            if broken and not await record.knows(session, document.id, broken.hash):
                await record.revise(session, document.id, broken, FROM_DISK)
            await record.begin_edition(session, document, text, State.DRAFT, by)
            facts = {"path": path, "before": broken.hash if broken else "", "hash": text.hash}
            add_audit(session, Action.ENTRY_REPAIRED, staff_id=by.id, subject=str(document.id), **facts)
        return document.id
