"""Converts a row of a spreadsheet into the fields of an entry; fills blank cells with the agency's defaults."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date

from bot.agency.model import Agency
from bot.faq.entries import fields
from bot.faq.entries.front_matter import CONTROL
from bot.faq.entries.phrases import is_counterexample, unmarked
from bot.faq.entries.schema import ANSWER, AUDIENCE, COUNTEREXAMPLES, date_names
from bot.faq.entries.slug import slug, topic_words
from bot.faq.entries.writing import audience_of
from bot.faq.imports.sheet import REQUIRED, Line, names
from bot.faq.imports.sheet_cell import Cell, wordings_in
from bot.faq.imports.sheet_problem import SheetFound
from bot.text.normalize import plain

BODY, TOPIC, VARIANTS = ANSWER, "tema", "variantes"
SHOUTED_WORDS = 3  # fewer may be an acronym
FIRST_LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]+")
IN_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÜÑ]{2,}\b")
VOWEL = re.compile(r"[AEIOUYÁÉÍÓÚÜ]")
# The beginning of a cell whose answer is still to be written; in a longer text, it is the beginning of an answer.
TO_DO = re.compile(
    r"(?:pendiente(?! de pago)|por (?:definir|confirmar|completar|redactar|responder|escribir)|tbd|to do|x{2,}\W*$"
    r"|falta (?:la |el )?(?:respuesta|texto|info\w*|definir|confirmar|completar|redactar|responder|escribir))\b"
)
MOST_TO_DO_LETTERS = 80
# Texts of a cell for the last day that mean that there is none.
NEVER = {"siempre", "nunca", "no vence", "no caduca", "sin vencimiento", "indefinido", "permanente", "no aplica"}
ITEM = r"(?:[-*+•]|\d{1,3}[.)])[ \t]"
BELOW_LIST = re.compile(rf"^({ITEM}[^\n]*)\n(?=\S)(?!{ITEM})(?!(?:[^\n]+\n){{0,99}}{ITEM})", re.MULTILINE)


def unusable(line: Line, found: SheetFound) -> set[str]:
    """Returns the fields with an unusable cell, such as a blank required field; adds a problem for each."""
    codes = {name: _code(name, cell) for name, (_, cell) in line.cells.items()}
    for name in filter(codes.get, codes):
        found.add(codes[name], line.spot(name), escrito=line.text(name))
    return {name for name, code in codes.items() if code}


def _code(name: str, cell: Cell) -> str:
    """Returns the key of the cell's problem in texts/import.yml; "" if the cell has none."""
    if cell.trouble:
        return cell.trouble
    if CONTROL.search(cell.text):
        return "caracter_invisible"
    if name in REQUIRED and not cell.text:
        return "en_blanco"
    if name == BODY and TO_DO.match(plain(cell.text)) and len(cell.text) <= MOST_TO_DO_LETTERS:
        return "recado"
    return "" if name != TOPIC or slug(cell.text) else "tema_sin_letras"


def topic(line: Line) -> str:
    """Returns the topic as a folder name; for an unusable cell, a placeholder, so that other cells can be checked."""
    return slug(line.text(TOPIC)) or TOPIC


def header(line: Line, id_: str, agency: Agency, today: date) -> dict[str, str | list[str]]:
    """Returns the header fields of the entry. A blank team, responsible person or review date gets a default value."""
    texts = {name: CONTROL.sub("", line.text(name)) for name in names()}
    texts["pregunta"] = CONTROL.sub("", question_text(line))
    texts["fuente"] = fields.whole_address(texts["fuente"])
    texts["vence"] = "" if plain(texts["vence"]) in NEVER else texts["vence"]
    dates = {name: _as_iso(texts[name]) for name in date_names()}
    return {
        **texts,
        **dates,
        "id": id_,
        TOPIC: topic_words(texts[TOPIC]) or TOPIC,
        VARIANTS: variants(line),
        COUNTEREXAMPLES: counterexamples(line),
        "equipo": _team(texts["equipo"], agency),
        "responsable": texts["responsable"] or agency.short_name,
        "revisado": dates["revisado"] or today.isoformat(),
    }


def question_text(line: Line) -> str:
    """Returns the question, in small letters if all its words (SHOUTED_WORDS or more) are in capitals.

    Citizens read the question as the title of the answer. Acronyms remain in capitals: words without vowels, and words
    in capitals of an answer that also has small letters.
    """
    question = line.text("pregunta")
    if not question.isupper() or len(question.split()) < SHOUTED_WORDS:
        return question
    answer = line.text(BODY)
    acronyms = frozenset() if answer.isupper() else frozenset(IN_CAPITALS.findall(answer))
    words = WORD.sub(lambda found: _small(found[0], acronyms), question)
    return FIRST_LETTER.sub(lambda found: found[0].upper(), words, count=1)


def _small(word: str, acronyms: Container[str]) -> str:
    is_acronym = len(word) > 1 and (word in acronyms or not VOWEL.search(word))
    return word if is_acronym else word.lower()


def audience(line: Line) -> dict[str, tuple[str, ...]]:
    """Returns the values of each dimension of the row's audience, as the entry's file has them; {} if it is invalid."""
    return {name: tuple(sorted(some)) for name, some in audience_of(CONTROL.sub("", line.text(AUDIENCE))).items()}


def body(line: Line) -> str:
    """Returns the answer (Markdown) in the row.

    In a cell, a line below a list begins a paragraph; in Markdown it would belong to the last item. A line
    between items belongs to the first of them.
    """
    text = CONTROL.sub("", line.text(BODY))
    return text if line.file else BELOW_LIST.sub(r"\1\n\n", text)


def variants(line: Line) -> list[str]:
    """Returns the distinct variants in the cell except the question, or only the question if there are no others.

    A part that is marked as a counterexample is not a variant.
    """
    each = {key: part for key, part in _distinct(line, VARIANTS).items() if not is_counterexample(part)}
    question = CONTROL.sub("", line.text("pregunta"))
    utterances = [part for key, part in each.items() if key != plain(question)]
    return utterances or list(each.values()) or list(filter(None, [question]))


def counterexamples(line: Line) -> list[str]:
    """Returns the distinct counterexamples of a row, from their separate column and from the variants' cell."""
    marked = filter(is_counterexample, _distinct(line, VARIANTS).values())
    parts: dict[str, str] = {}
    for part in (*_distinct(line, COUNTEREXAMPLES).values(), *marked):
        parts.setdefault(plain(unmarked(part)), part)
    return list(parts.values())


def _distinct(line: Line, name: str) -> dict[str, str]:
    """Returns the parts of a cell, keyed by their normalized text; of parts with the same key, keeps the first."""
    parts: dict[str, str] = {}
    for part in wordings_in(CONTROL.sub("", line.text(name))):
        parts.setdefault(plain(part), part)
    return parts


def _team(given: str, agency: Agency) -> str:
    """Returns the key of the team whose key or name is ``given``; if ``given`` is blank, the agency's default team.

    Returns an unknown ``given`` unchanged.
    """
    by_name = {plain(name): key for key, name in agency.teams.items()}
    return given if given in agency.teams else by_name.get(plain(given), given) or agency.default_team


def _as_iso(given: str) -> str:
    """Converts a Chilean date (day first) to ISO format; returns any other text unchanged."""
    parts = fields.CHILEAN_DATE.match(given)
    return f"{parts[3]}-{int(parts[2]):02d}-{int(parts[1]):02d}" if parts else given
