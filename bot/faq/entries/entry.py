"""Reads data/faq/<tema>/<id>.md into entries, and says everything that is wrong with them.

Called by ``watch`` (live edits), ``check`` (`ventanilla check`), the Rasa training and the benchmarks. A file's own
checks are in ``front_matter``, ``fields`` and ``body``; those between files in ``duplicates``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from bot.core.messages import Source
from bot.faq.entries import body, duplicates, fields, front_matter
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found, Problem

MAX_BYTES = 64 * 1024
SUFFIX = ".md"
KEPT_READINGS = 20_000


@dataclass(frozen=True)
class Entry:
    """One question that the agency answers. ``variants`` are wordings of citizens, ``body`` Markdown, ``version`` the
    first 12 hex digits of the file's SHA-256, ``path`` its place in the FAQ folder; after ``expires`` it is not served.
    ``lines`` says on which line of the file a field or a variant stands.
    """

    id: str
    question: str
    variants: tuple[str, ...]
    topic: str
    team: str
    source: Source
    responsible: str
    reviewed: date
    expires: date | None
    audience: dict[str, tuple[str, ...]] = field(hash=False)
    body: str
    version: str
    path: str
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its variants, each once."""
        return tuple(dict.fromkeys((self.question, *self.variants)))

    def expired(self, today: date) -> bool:
        """Whether the entry may no longer be served on that day."""
        return self.expires is not None and self.expires < today


@dataclass(frozen=True)
class Folder:
    """What an FAQ folder holds: the entries that can be served, in order of path, and all problems."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Reading:
    entry: Entry | None
    problems: tuple[Problem, ...]


def load_folder(faq_dir: Path, teams: Mapping[str, str] | None, *, today: date | None = None) -> Folder:
    """Reads every entry below ``faq_dir``; ``teams`` are agency.yml's, None accepts any team (another agency's FAQ).
    Broken entries are left out, never raised.
    """
    return load_files(read_files(faq_dir), teams, today=today)


def read_files(faq_dir: Path) -> dict[str, bytes]:
    """The bytes of every entry file by its path in the folder. Editors' temporary files, hidden files and links that
    lead out of the folder are left out, as is a file that vanishes meanwhile; at most MAX_BYTES + 1 bytes are read.
    """
    root = faq_dir.resolve()
    contents: dict[str, bytes] = {}
    for path in sorted(faq_dir.rglob("*")):
        name = path.relative_to(faq_dir).as_posix()
        if path.suffix.lower() != SUFFIX or _is_temporary(name) or not path.resolve().is_relative_to(root):
            continue
        try:
            with path.open("rb") as file:
                contents[name] = file.read(MAX_BYTES + 1)
        except OSError:
            continue
    return contents


def _is_temporary(name: str) -> bool:
    return any(part.startswith((".", "~", "#")) or part.endswith(("~", "#")) for part in PurePosixPath(name).parts)


def load_files(contents: Mapping[str, bytes], teams: Mapping[str, str] | None, *, today: date | None = None) -> Folder:
    """Like ``load_folder`` from contents by path."""
    known = None if teams is None else tuple(teams.items())
    readings = {name: _read(name, contents[name], known) for name in sorted(contents)}
    sound = [reading.entry for reading in readings.values() if reading.entry is not None]
    problems = [problem for reading in readings.values() for problem in reading.problems]
    clashes = duplicates.find(sound)
    refused = {clash.file for clash in clashes}
    entries = tuple(entry for entry in sound if entry.path not in refused)
    problems += [*clashes, *_expired(entries, today or date.today())]
    return Folder(entries, tuple(sorted(problems, key=lambda problem: (problem.file, problem.line))))


def _expired(entries: tuple[Entry, ...], today: date) -> Iterator[Problem]:
    for entry in entries:
        if entry.expired(today):
            found = Found(entry.path)
            found.warn("vencida", entry.lines["vence"], "vence", fecha=entry.expires)
            yield from found.problems


@lru_cache(maxsize=KEPT_READINGS)
def _read(name: str, content: bytes, teams: tuple[tuple[str, str], ...] | None) -> _Reading:
    found = Found(name)
    path = PurePosixPath(name)
    text = _decoded(content, found)
    if len(path.parts) != 2:
        found.add("fuera_de_carpeta", 1)
    header = front_matter.read(text, found) if text is not None else None
    known = None if teams is None else dict(teams)
    entry = _entry(header, name, known, found) if header is not None else None
    version = hashlib.sha256(content).hexdigest()[:12]
    return _Reading(None if found.broken or entry is None else replace(entry, version=version), tuple(found.problems))


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
    """The entry as far as its header can be read; only served when ``found`` holds no error."""
    path = PurePosixPath(name)
    body.check(header, found)
    if not header.readable:
        return None
    fields.keys(header, found)
    id_, topic = fields.identity(header, path.parent.name, path.stem, found)
    variants = fields.variants(header, found)
    return Entry(
        id=id_,
        question=fields.text(header, "pregunta", found),
        variants=tuple(wording for wording, _ in variants),
        topic=topic,
        team=fields.team(header, teams, found),
        source=_source(header, found),
        responsible=fields.text(header, "responsable", found),
        reviewed=fields.day(header, "revisado", found) or date.min,
        expires=fields.day(header, "vence", found),
        audience=fields.audience(header, found),
        body=header.body,
        version="",
        path=name,
        lines={**{key: value.line for key, value in header.fields.items()}, **dict(variants)},
    )


def _source(header: FrontMatter, found: Found) -> Source:
    url = fields.url(header, found)
    title = fields.text(header, "fuente_nombre", found)
    if title or found.broken:
        return Source(title, url)
    return Source((urlsplit(url).hostname or url).removeprefix("www."), url)
