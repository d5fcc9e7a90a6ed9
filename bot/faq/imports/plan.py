"""Converts a spreadsheet of questions into the contents of FAQ files.

If any row has an error, the plan contains no files.

``sheet`` reads the spreadsheet, ``import_row`` derives the fields of a row, ``writing`` renders the file, and
``reading`` checks it like `ventanilla check`. Each problem is reported with its row and column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

from bot.core.messages import Source
from bot.core.texts import say
from bot.faq.entries import duplicates, fields, phrases
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import is_entry, load_files
from bot.faq.entries.phrases import ENTRY_SUFFIX, phrases_name
from bot.faq.entries.problem import Found, Severity
from bot.faq.entries.schema import AUDIENCE, COUNTEREXAMPLES
from bot.faq.entries.slug import slug, unique
from bot.faq.entries.writing import entry_files
from bot.faq.imports import import_row, sheet
from bot.faq.imports.destination.present import Others, Present, Target
from bot.faq.imports.import_row import BODY, TOPIC, VARIANTS
from bot.faq.imports.sheet import Line, Sheet
from bot.faq.imports.sheet_cell import wordings_in
from bot.faq.imports.sheet_problem import SheetFound, SheetProblem
from bot.text.normalize import plain

QUESTION_LINE, VARIANT_LINE = 1, 2


@dataclass(frozen=True)
class Plan:
    """The files that an import would write, as contents keyed by path in the folder; {} if any problem is an error.

    Empty content means that the file would be deleted. ``replaced`` are the entries among ``files`` that already exist.
    ``unused`` are the spreadsheet's headings that are not field names. ``paths`` maps each row, even one with errors,
    to the path of its entry; ``existing`` are the rows whose entry exists, as a file or an open draft. ``drafts`` are
    the contents made from the rows, keyed by path, even if any problem is an error. ``repeated`` maps each row that
    equals an earlier one, and is left out, to that row.
    """

    files: Mapping[str, bytes]
    replaced: frozenset[str]
    problems: tuple[SheetProblem, ...]
    unused: tuple[str, ...] = ()
    paths: Mapping[int, str] = field(default_factory=dict)
    existing: frozenset[int] = frozenset()
    drafts: Mapping[str, bytes] = field(default_factory=dict)
    repeated: Mapping[int, int] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """Returns the number of errors; with any error, nothing is written."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def fresh(self) -> int:
        """Returns the number of new entries."""
        return sum(map(is_entry, self.files)) - len(self.replaced)

    def lines(self, file: str) -> list[str]:
        """Returns lines for the terminal: first the unused headings, then the problems, sorted by row.

        ``file`` is the name of the spreadsheet.
        """
        unused = [say("import.sin_uso", columnas=", ".join(self.unused))] if self.unused else []
        left = sum(bool(problem.spot.file and not problem.spot.row) for problem in self.problems)
        total = [say("import.fuera", cuantos=left)] if left else []
        return [*unused, *(problem.line(file) for problem in self.problems), *total]


def plan(path: Path, target: Target, blanks: Mapping[str, str] | None = None) -> Plan:
    """Reads the spreadsheet at ``path`` and checks every row; writes nothing. Raises OSError if a file is unreadable.

    ``blanks`` maps fields to the values for blank cells.
    """
    found = SheetFound()
    table = sheet.read(path, found, blanks)
    if target.folder.exists() and not target.folder.is_dir():
        found.add("no_es_carpeta", carpeta=target.folder)
        table = None
    if table is None:
        return Plan({}, frozenset(), tuple(found.problems))
    return plan_of(table, path.name, target, found)


def plan_of(table: Sheet, name: str, target: Target, found: SheetFound) -> Plan:
    """Checks every row of ``table``, read from the file ``name``, and returns the plan; writes nothing."""
    comment = say("import.frase_de", planilla=name)
    rows = _Rows(target, comment, found, Present.of(target), frozenset(line.text("id") for line in table.lines))
    repeated = _repeated(table.lines)
    for line in table.lines:
        if line.row in repeated:
            found.advise("fila_repetida", line.spot("pregunta"), fila=line.label_of(repeated[line.row]))
        else:
            rows.take(line)
    rows.compare()
    problems = sorted(found.problems, key=lambda problem: (problem.spot.row, problem.spot.column))
    files = {} if found.broken else rows.files
    there = frozenset(row for row, path in rows.paths.items() if rows.present.has(path))
    replaced = frozenset(files) & rows.present.names
    return Plan(files, replaced, tuple(problems), table.unused, rows.paths, there, rows.files, repeated)


def _repeated(lines: Sequence[Line]) -> dict[int, int]:
    """Maps each row that has the same text in every column as an earlier row to the first such row."""
    first: dict[tuple[str, ...], int] = {}
    rows = {line.row: first.setdefault(tuple(map(line.text, sheet.names())), line.row) for line in lines}
    return {row: earlier for row, earlier in rows.items() if row != earlier}


@dataclass
class _Rows:
    """The rows converted so far, their files, and the row number of each file's name without suffix.

    ``given`` are the ids written in the spreadsheet. ``comment`` follows each new line of a phrases file.
    """

    target: Target
    comment: str
    found: SheetFound
    present: Present
    given: frozenset[str]
    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    lines: list[tuple[Line, str]] = field(default_factory=list)

    def take(self, line: Line) -> None:
        """Converts a row into a file, adds it to ``files``, and reports the row's problems."""
        faulty = import_row.unusable(line, self.found)
        id_ = self._id(line)
        header = import_row.header(line, id_, self.target.agency, self.target.today)
        stem = self._stem(line, id_)
        name = self.present.unpublished.get(stem) or f"{import_row.topic(line)}/{stem}{ENTRY_SUFFIX}"
        self.paths[line.row] = name
        if line.joined:
            self.found.advise("filas_juntas", line.spot(VARIANTS), cuantas=line.joined + 1)
        if _may_be_several(said := wordings_in(line.text(VARIANTS))):
            self.found.advise("formas_sin_separar", line.spot(VARIANTS), escrito=said[0])
        if (shown := import_row.question_text(line)) != line.text("pregunta"):
            self.found.advise("en_mayusculas", line.spot("pregunta"), escrito=shown)
        made = self._keeping(line, name, entry_files(name, header, import_row.body(line), self.comment))
        self.files |= made
        self.lines.append((line, id_))
        reading = load_files(made, self.target.agency.teams, today=self.target.today)
        # The question is an utterance, too: without it, the entry may lack utterances for the same reason.
        known = faulty | {VARIANTS} if "pregunta" in faulty else faulty
        for problem in reading.problems:
            if (problem.field or BODY) not in known:
                self.found.pass_on(problem, line.spot(problem.field or BODY))
        self._check_location(line, id_, name)

    def _keeping(self, line: Line, name: str, made: dict[str, bytes]) -> dict[str, bytes]:
        """Adds the entry's current counterexamples to the files ``made``, if the spreadsheet has no column for them."""
        if COUNTEREXAMPLES in line.cells or not (kept := self.present.counterexamples.get(name)):
            return made
        beside = phrases_name(name)
        known = {plain(one.text) for one in kept}
        fresh = phrases.read(made.get(beside, b"").decode(), Found(""))
        added = [one for one in fresh if not (one.counterexample and plain(one.text) in known)]
        return made | {beside: phrases.changed("", [*added, *kept]).encode()}

    def _id(self, line: Line) -> str:
        """Returns the id of a row; makes a new one if none is given.

        Reports a repeated or invalid id, and replaces an invalid one.
        """
        given = line.text("id")
        if not given:
            id_ = self._new_id(line)
        elif not fields.ID.match(given):
            self.found.add("id_mal_escrito", line.spot("id"), escrito=given, corregido=slug(given) or "una-pregunta")
            id_ = unique(slug(given) or "fila", self.rows)
        else:
            id_ = given
            if (there := self._stem(line, given)) in self.rows:
                self.found.add("id_repetido", line.spot("id"), escrito=given, fila=line.label_of(self.rows[there]))
        self.rows.setdefault(self._stem(line, id_), line.row)
        return id_

    def _stem(self, line: Line, id_: str) -> str:
        """Returns the name of a row's file without suffix: the id, with an addition if the row has an audience.

        If an entry with this id and audience exists, returns the name of its file. The addition comes from the name of
        the Markdown file that the row was read from, if any, else from the values of the audience.
        """
        if not line.text(AUDIENCE):
            return id_
        audience = import_row.audience(line)
        twin = next((one for one in self.present.entries if one.id == id_ and one.audience == audience), None)
        if twin is not None:
            return PurePosixPath(twin.path).stem
        named = PurePosixPath(line.file).stem.removeprefix(id_).strip(".")
        values = " ".join(value for values in audience.values() for value in values)
        return f"{id_}.{slug(named) or slug(values) or AUDIENCE}"

    def _new_id(self, line: Line) -> str:
        """Returns an id derived from the question; that of an entry or draft is used only if it asks the same."""
        question = line.text("pregunta")
        return unique(
            slug(question) or "fila", self.given, self.rows, Others(self.present, question, import_row.topic(line))
        )

    def _check_location(self, line: Line, id_: str, name: str) -> None:
        """Reports an existing file that must not be replaced, or an id that belongs to an entry of another topic.

        Plans to delete the existing phrases file if the row leaves nothing in it.
        """
        twin = self.present.general.get(id_)
        if name in self.present.names or (self.target.folder / name).exists():
            if (self.target.folder / phrases_name(name)).exists():
                self.files.setdefault(phrases_name(name), b"")
            if not self.target.replace:
                self.found.add("ya_existe", line.spot("id"), escrito=id_, archivo=name)
        elif twin is not None and (not line.text(AUDIENCE) or twin.topic != import_row.topic(line)):
            self.found.add("en_otro_tema", line.spot(TOPIC), escrito=id_, archivo=twin.path, tema=twin.topic)

    def compare(self) -> None:
        """Reports utterances that a row shares with other rows, or with entries that the import does not replace.

        Entries are named by their questions, since editors know no files.
        """
        others = (entry for entry in self.present.entries if entry.path not in self.files)
        remaining = [replace(entry, path=f"«{entry.question}»", phrase_lines={}) for entry in others]
        labels = {line.file or say("import.lugar.la", fila=line.label): (line, id_) for line, id_ in self.lines}
        asked = [_asked(line, id_, label) for label, (line, id_) in labels.items()]
        for problem in duplicates.find([*remaining, *asked]):
            if problem.file in labels and problem.field == VARIANTS:
                name = "pregunta" if problem.line == QUESTION_LINE else VARIANTS
                self.found.pass_on(problem, labels[problem.file][0].spot(name))


def _may_be_several(wordings: Sequence[str]) -> bool:
    """Returns whether the only wording is probably a list, with commas or slashes."""
    return len(wordings) == 1 and (wordings[0].count(",") > 1 or " / " in wordings[0])


def _asked(line: Line, id_: str, label: str) -> Entry:
    """Returns a row as an Entry that has only utterances; ``label`` identifies the row in problems."""
    question = line.text("pregunta") or label
    variants = tuple(one for one in import_row.variants(line) if plain(one) != plain(question))
    lines = {"id": 0, **dict.fromkeys(variants, VARIANT_LINE), "pregunta": QUESTION_LINE, question: QUESTION_LINE}
    no_source = Source("", "")
    return Entry(id_, question, variants, "", "", no_source, "", date.min, None, {}, "", "", label, lines)
