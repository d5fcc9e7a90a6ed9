"""Reads the files of one entry and collects their problems.

``front_matter``, ``fields`` and ``body`` check the parts of the ``.md`` file; ``phrases`` reads the phrases file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.core.messages import Source
from bot.faq.entries import body, fields, front_matter, phrases
from bot.faq.entries.canonical import sha256
from bot.faq.entries.entry import Entry
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.phrases import Phrase
from bot.faq.entries.problem import Found, Problem
from bot.text.normalize import plain

MAX_BYTES = 64 * 1024
KEPT_READINGS = 20_000
VERSION_CHARS = 12


@dataclass(frozen=True)
class Reading:
    """The result of reading an entry's files: the entry (None if a file has an error) and the problems."""

    entry: Entry | None
    problems: tuple[Problem, ...]


@lru_cache(maxsize=KEPT_READINGS)
def read(name: str, content: bytes, teams: tuple[tuple[str, str], ...] | None, beside: bytes | None = None) -> Reading:
    """Reads the entry in the file at path ``name``; ``teams`` are (key, name) pairs, or None to accept any team.

    ``beside`` is the content of the phrases file, None if there is none. Cached, so that a reload parses only changed
    files.
    """
    found = Found(name)
    path = PurePosixPath(name)
    text = _decoded(content, found)
    if len(path.parts) != 2:
        found.add("fuera_de_carpeta", 1)
    if text is not None:
        body.check_marks(text, found)
    header = front_matter.read(text, found) if text is not None else None
    known = None if teams is None else dict(teams)
    entry = _entry(header, name, known, found) if header is not None else None
    here = found.beside(phrases.phrases_name(name))
    further = _phrases(beside, here)
    if found.broken or entry is None:
        return Reading(None, tuple(found.problems))
    read = _with(entry, further, here)
    return Reading(replace(read, version=sha256(content, beside)[:VERSION_CHARS]), tuple(found.problems))


def _with(entry: Entry, further: Sequence[Phrase], found: Found) -> Entry:
    """Returns the entry with the phrases of ``further``: at most MAX_VARIANTS variants in all.

    Counterexamples have the same limit. Leaves out phrases beyond a limit and counterexamples that are also utterances,
    and adds advice to ``found``. A phrase that occurs twice in ``further`` is added once; a variant that the entry has
    already is added again.
    """
    room = max(0, fields.MAX_VARIANTS - len(entry.variants))
    variants = _first([phrase for phrase in further if not phrase.counterexample], room, found)
    own = set(map(plain, (entry.question, *entry.variants, *variants)))
    denied = [phrase for phrase in further if phrase.counterexample]
    for phrase in denied:
        if plain(phrase.text) in own:
            found.advise("contraejemplo_es_variante", phrase.line, "variantes", escrito=phrase.text)
    kept = [phrase for phrase in denied if plain(phrase.text) not in own]
    counterexamples = tuple(_first(kept, fields.MAX_VARIANTS, found))
    return replace(entry, variants=(*entry.variants, *variants), phrase_lines=variants, counterexamples=counterexamples)


def _first(phrases: Sequence[Phrase], room: int, found: Found) -> dict[str, int]:
    """Returns the texts of the first ``room`` phrases with their lines; adds a problem if there are more."""
    if len(phrases) > room:
        found.advise("demasiadas_variantes", phrases[room].line, "variantes", maximo=fields.MAX_VARIANTS)
    return {phrase.text: phrase.line for phrase in phrases[:room]}


def _phrases(beside: bytes | None, found: Found) -> list[Phrase]:
    """Returns the usable phrases of the phrases file; adds its problems to ``found``."""
    text = _decoded(beside, found) if beside is not None else None
    read = phrases.read(text, found) if text is not None else ()
    usable = [replace(one, text=fields.utterance(one.text, one.line, found)) for one in read]
    return [phrase for phrase in usable if phrase.text]


def _decoded(content: bytes, found: Found) -> str | None:
    if len(content) > MAX_BYTES:
        found.add("archivo_enorme", 1, maximo=MAX_BYTES // 1024)
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        found.add("no_es_utf8", content[: error.start].count(b"\n") + 1)
        return None


def _entry(header: FrontMatter, name: str, teams: dict[str, str] | None, found: Found) -> Entry | None:
    """Returns the entry; None if the header is not valid YAML.

    If ``found`` has an error, the entry must not be served.
    """
    path = PurePosixPath(name)
    body.check(header, found)
    if not header.readable:
        return None
    fields.keys(header, found)
    id_, topic = fields.identity(header, path.parent.name, path.stem, found)
    variants = fields.variants(header, found, phrases.phrases_name(path.name))
    return Entry(
        id=id_,
        question=fields.text(header, "pregunta", found),
        variants=tuple(utterance for utterance, _ in variants),
        topic=path.parent.name,
        team=fields.team(header, teams, found),
        source=_source(header, found),
        responsible=fields.text(header, "responsable", found),
        reviewed=fields.day(header, "revisado", found) or date.min,
        expires=fields.day(header, "vence", found),
        audience=fields.audience(header, found),
        body="\n\n".join(filter(None, (header.body, fields.displayed(header, found)))),
        version="",
        path=name,
        topic_title=topic if topic != path.parent.name else "",
        lines={**{key: value.line for key, value in header.fields.items()}, **dict(variants)},
    )


def _source(header: FrontMatter, found: Found) -> Source:
    url = fields.url(header, found)
    title = fields.text(header, "fuente_nombre", found)
    if title or found.broken:
        return Source(title, url)
    return Source((urlsplit(url).hostname or url).removeprefix("www."), url)
