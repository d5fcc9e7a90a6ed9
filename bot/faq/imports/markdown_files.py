"""Reads Markdown files into rows like those of a spreadsheet: entries of another installation, and plain texts.

A plain text has no header: its first line is the question and the rest is the answer; the file's name is the id, and
the name of its folder is the topic. A file that cannot be imported is reported by its name, with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import yaml

from bot.core.texts import say
from bot.faq.entries import front_matter, phrases
from bot.faq.entries.folder import is_entry
from bot.faq.entries.front_matter import NEARLY_FENCE, FrontMatter
from bot.faq.entries.phrases import SUFFIX, entry_name, phrases_name
from bot.faq.entries.problem import Found, Problem
from bot.faq.entries.reading import MAX_BYTES
from bot.faq.entries.schema import ANSWER, AUDIENCE, COUNTEREXAMPLES, column_names
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import audience_in, audience_text
from bot.faq.imports.columns import columns_of
from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound, Spot
from bot.faq.words.table import decoded

MAX_FILES = 5_000
QUESTION, TOPIC, VARIANTS, ID = "pregunta", "tema", "variantes", "id"
TITLE = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$")
UNDERLINE = re.compile(r"^(=+|-{2,})$")
HEADED = re.compile(rf"^({ID}|{QUESTION}):\s")  # a header whose first line --- is missing
HIDDEN = (".", "~", "__MACOSX")


@dataclass(frozen=True)
class _File:
    """The fields of a file as texts keyed by name; ``plain`` is true if the file has no header."""

    path: str
    fields: dict[str, str]
    plain: bool = False


def folder_contents(folder: Path) -> dict[str, bytes]:
    """Returns the contents of the files below ``folder``, keyed by relative path; cuts each to MAX_BYTES + 1 bytes.

    Skips links to files outside the folder. Raises OSError if a file is unreadable.
    """
    root, made = folder.resolve(), {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.resolve().is_relative_to(root):
            with path.open("rb") as file:
                made[path.relative_to(folder).as_posix()] = file.read(MAX_BYTES + 1)
    return made


def rows_of(contents: Mapping[str, bytes], found: SheetFound) -> list[Row]:
    """Returns a row of headings and a row per Markdown file of ``contents``; [] if there is none."""
    shown = {path: content for path, content in contents.items() if not _is_hidden(path)}
    read = [one for path in sorted(filter(is_entry, shown)) if (one := _read(path, shown, found))]
    _report_others(shown, found)
    if not read:
        return []
    names = column_names()
    rows = [Row(number, _cells(one, names), one.path) for number, one in enumerate(_named(read), start=2)]
    return [Row(1, tuple(map(Cell, names))), *rows]


def _is_hidden(path: str) -> bool:
    return any(part.startswith(HIDDEN) and part != ".." for part in PurePosixPath(path).parts)


def _cells(file: _File, names: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(Cell.from_text(file.fields.get(name, "")) for name in names)


def _named(files: list[_File]) -> list[_File]:
    """Returns the files; a plain text gets its file's name as its id if no other file has that name or id."""
    stems = {one.path: slug(PurePosixPath(one.path).stem) for one in files if one.plain}
    often = Counter([*stems.values(), *(one.fields.get(ID, "") for one in files)])
    ids = {path: stem for path, stem in stems.items() if often[stem] == 1}
    return [replace(one, fields={ID: ids.get(one.path, ""), **one.fields}) if one.plain else one for one in files]


def _report_others(contents: Mapping[str, bytes], found: SheetFound) -> None:
    for path in sorted(contents):
        if path.endswith(SUFFIX):
            if entry_name(path) not in contents:
                found.leave_out("frases_solas", path, respuesta=entry_name(path))
        elif not is_entry(path):
            found.leave_out("otro_archivo", path)


def _read(path: str, contents: Mapping[str, bytes], found: SheetFound) -> _File | None:
    """Returns a file's fields; reports the file and returns None if it is too long, not UTF-8 or has a bad header."""
    problems, content, beside = Found(path), contents[path], contents.get(phrases_name(path), b"")
    if max(len(content), len(beside)) > MAX_BYTES:
        problems.add("archivo_enorme", 1, maximo=MAX_BYTES // 1024)
    text = decoded(content)
    if text is None:
        problems.add("no_es_utf8", 1)
    if text is not None and not problems.broken:
        if not _has_header(text):
            return _plain(path, text)
        header = front_matter.read(text, problems)
        if header is not None and header.readable:
            return _entry(path, header, decoded(beside) or "", found)
    for one in problems.problems[:1]:
        _leave_out(one, found)
    return None


def _leave_out(problem: Problem, found: SheetFound) -> None:
    location = say("import.lugar.linea", archivo=problem.file, linea=problem.line)
    found.note(problem.message, problem.fix, Spot(file=location))


def _has_header(text: str) -> bool:
    first = next((line.strip() for line in text.removeprefix("\ufeff").split("\n") if line.strip()), "")
    return bool(NEARLY_FENCE.match(first) or HEADED.match(first))


def _plain(path: str, text: str) -> _File:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").strip().split("\n")
    title, rest = lines[0].strip(), lines[1:]
    if rest and UNDERLINE.match(rest[0].strip()):
        rest = rest[1:]
    marked = TITLE.match(title)
    question = (marked[1] if marked else title).strip("*_ ")
    return _File(path, {QUESTION: question, ANSWER: "\n".join(rest), TOPIC: PurePosixPath(path).parent.name}, True)


def _entry(path: str, header: FrontMatter, beside: str, found: SheetFound) -> _File:
    """Returns the fields of a file with a header, whose names may be those of other systems; reports unknown ones."""
    keys = list(header.fields)
    places = columns_of(keys)
    fields = {name: _text(header, keys[place - 1]) for name, place in places.items()}
    for place, key in enumerate(keys, start=1):
        if place not in places.values():
            found.leave_out("dato_sin_uso", path, campo=key)
    further = phrases.read(beside, Found(""))
    fields[VARIANTS] = "\n".join([*_listed(header), *(one.text for one in further if not one.counterexample)])
    fields[COUNTEREXAMPLES] = "\n".join(one.text for one in further if one.counterexample)
    fields[ANSWER] = header.body
    names = {ID: PurePosixPath(path).stem.partition(".")[0], TOPIC: PurePosixPath(path).parent.name}
    return _File(path, {**fields, **{name: fields.get(name) or value for name, value in names.items()}})


def _listed(header: FrontMatter) -> Iterator[str]:
    value = header.fields.get(VARIANTS)
    if value is not None and isinstance(value.node, yaml.SequenceNode):
        yield from (" ".join(one.value.split()) for one in value.node.value if isinstance(one, yaml.ScalarNode))


def _text(header: FrontMatter, key: str) -> str:
    value = header.fields[key]
    if key == AUDIENCE and isinstance(value.node, yaml.MappingNode):
        return audience_text(audience_in(value.node))
    return " ".join((value.text or "").split())
