"""Checks the Markdown body of an FAQ file: it must have text, and no raw HTML, dangerous links or marks.

A mark, ``[[completar: ...]]``, describes a fact about the agency that a ready-made entry lacks. Marks in the header are
errors, too.

The body is parsed as CommonMark, as renderers do, so HTML in a code block is accepted and disguised HTML is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found
from bot.faq.entries.sections import is_long, parts_of

MAX_WORDS = 700
BAD_LINK = re.compile(r"(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
LINK_TARGET = re.compile(r"\]\(\s*<?\s*([^)\s>]*)|^\s*\[[^\]]+\]:\s*(\S+)")
MAX_QUOTED = 60
NOTED = "recado_dentro"
# What a clerk noted for later: in brackets, in bold at the end of a clause, as a line, or as the end of one in small
# letters without a full stop. An instruction to citizens («poner huella») names no fact of the agency.
FACT = (
    r"(?:(?:el|la|los|las|un|una|n[uú]mero de) )?(?:tel[eé]fonos?|fono|anexo|correo|mail|direcci[oó]n|horarios?|links?"
    r"|enlaces?|valor(?:es)?|precios?|montos?|costos?|tarifas?|plazos?|p[aá]gina|url|mapa)\b"
)
WRITE = rf"(?:agregar|poner|completar|averiguar) {FACT}"
TO_DO = (
    rf"(?:{WRITE}|falta\b(?! (?:de|a|poco|menos|muy|leve|grav\w+)\b)|pendiente\b(?! de\b)"
    r"|preguntar a (?-i:[A-ZÁÉÍÓÚÑ])|(?:confirmar|revisar) con\b(?! [st]u\b))"
)
ALONE = r"(?:(?:agregar|poner|completar|averiguar)|por (?:agregar|completar|confirmar|definir))\.?(?=[)\]])"
NOTE = re.compile(
    rf"(?:\((?i:{ALONE}|{TO_DO}[^()\n]{{0,60}})\))|(?<!\[)\[(?i:{ALONE}|{TO_DO}[^\[\]\n]{{0,60}})\](?![(\]])"
    rf"|(?:^|(?<=[.:;,!?] )|(?<= al ))\*\*{TO_DO}[^*\n]{{0,60}}\*\*"
    rf"|(?<=[.!?] ){TO_DO}[^.\n]{{0,60}}$"
    r"|(?<=[\w:,.(] )(?:\\?_){3,}|:(?:\\?_){3,}|(?<![\w.-])[xX]{3,}\b(?!-|\.\w)"
)
LINE = re.compile(rf"{WRITE}[^.:,;\n]{{0,30}}$", re.IGNORECASE)  # a paragraph of its own
MARK = re.compile(r"\[\[\s*completar\b[\s:]*([^\]\n]*)\]{0,2}", re.IGNORECASE)


def check(header: FrontMatter, found: Found) -> None:
    """Checks the body, except for marks, and adds its problems to ``found``."""
    if not header.body.strip():
        found.add("cuerpo_vacio", header.body_line)
        return
    words = len(header.body.split())
    if words > MAX_WORDS:
        found.advise("cuerpo_largo", header.body_line, palabras=words, maximo=MAX_WORDS)
    if is_long(header.body) and not any(one.kinds for one in parts_of(header.body).sections):
        found.advise("sin_partes", header.body_line, palabras=words)
    first = header.body_line
    for row, html in _html(header.body):
        found.add("html", first + row, escrito=html[:MAX_QUOTED])
    lines = header.body.split("\n")
    for number, (above, line) in enumerate(pairwise(["", *lines])):
        if note := NOTE.search(line) or (None if above.strip() else LINE.match(line)):
            found.advise(NOTED, first + number, escrito=note[0].replace("\\", ""))
        if any(BAD_LINK.match(target[0] or target[1]) for target in LINK_TARGET.findall(line)):
            found.add("enlace_peligroso", first + number)


def _html(body: str) -> Iterator[tuple[int, str]]:
    """Yields each piece of raw HTML with the number of its line in the body, from 0."""
    for token in MarkdownIt("commonmark").parse(body):
        line = token.map[0] if token.map else 0
        if token.type == "html_block":
            yield line, token.content.strip()
        yield from ((line + row, html) for row, html in _inline_html(token.children or []))


def _inline_html(children: list[Token]) -> Iterator[tuple[int, str]]:
    row = 0
    for child in children:
        row += child.type in {"softbreak", "hardbreak"}
        if child.type == "html_inline":
            yield row, child.content
            row += child.content.count("\n")


def marks_in(text: str) -> Iterator[tuple[int, str]]:
    """Yields each mark's line, counted from 1, and its description of the missing fact."""
    for number, line in enumerate(text.split("\n"), 1):
        yield from ((number, found[1].strip()) for found in MARK.finditer(line))


def check_marks(text: str, found: Found) -> None:
    """Adds an error for each mark in the whole text of a file, so that the file is not published."""
    for line, what in marks_in(text):
        found.add("por_completar", line, que=what or "[[completar]]")
