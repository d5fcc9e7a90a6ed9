"""Reads the background: example messages that the FAQ does not answer, used to recognize similar ones.

The background has two parts: *out-of-scope topics*, public services of other bodies or offices (data/atlas/*.csv and
the agency's own file), whose meaning is close to the FAQ; and *themes* of chitchat (data/background.txt), which are far
from it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.faq.entries.problem import Found, Problem
from bot.faq.words.table import Row, read_table

FOLDER = "atlas"
OWN_TOPICS = "otros-asuntos.csv"  # in the FAQ folder; written by the editors' page
ID, UTTERANCES, SEPARATOR = "id", "formas", "|"
MUNICIPAL = "municipal"
SCOPES = (MUNICIPAL, "nacional", "privado")
THEME, COMMENT = "#", ";"


@dataclass(frozen=True)
class Group:
    """Utterances about one out-of-scope topic or chitchat theme."""

    name: str
    utterances: tuple[str, ...]


@dataclass(frozen=True)
class OutOfScopeTopic(Group):
    """A topic that another body or office, named ``body``, handles; ``title`` is in Spanish, ``url`` may be ''.

    ``scope`` is municipal, nacional or privado. ``emergency`` is the group of ``emergencias`` in agency.yml that
    handles the topic, or "". ``is_listed`` is true if the agency itself wrote that the topic is another's.
    """

    title: str = ""
    scope: str = ""
    body: str = ""
    url: str = ""
    emergency: str = ""
    is_listed: bool = False

    @property
    def is_agencys(self) -> bool:
        """Returns whether another office of the same agency handles the topic, so that the agency's staff can help."""
        return self.scope == MUNICIPAL


@dataclass(frozen=True)
class Background:
    """The out-of-scope topics and chitchat themes, and the problems found in their files."""

    out_of_scope_topics: tuple[OutOfScopeTopic, ...]
    themes: tuple[Group, ...]
    problems: tuple[Problem, ...] = ()


def load_background(
    data_dir: Path, emergencies: Collection[str] | None = None, *, faq_dir: Path | None = None
) -> Background:
    """Reads the background below ``data_dir``, and the agency's own topics (OWN_TOPICS) in ``faq_dir``.

    A missing file counts as empty; an unusable row yields a problem. ``emergencies`` are the allowed values of the
    column ``urgencia``, or None to accept any value.
    """
    found: list[Problem] = []
    out_of_scope_topics: dict[str, OutOfScopeTopic] = {}
    files = {f"{FOLDER}/{path.name}": path for path in sorted((data_dir / FOLDER).glob("*.csv"))}
    if faq_dir and (faq_dir / OWN_TOPICS).is_file():
        files[OWN_TOPICS] = faq_dir / OWN_TOPICS
    for name, path in files.items():
        found += _read(path.read_bytes(), Found(name), out_of_scope_topics, emergencies)
    themes_path = data_dir / "background.txt"
    return Background(
        tuple(out_of_scope_topics.values()), tuple(_themes(themes_path)) if themes_path.is_file() else (), tuple(found)
    )


def _read(
    content: bytes, found: Found, out_of_scope_topics: dict[str, OutOfScopeTopic], emergencies: Collection[str] | None
) -> list[Problem]:
    """Adds the topics of one file to ``out_of_scope_topics`` and returns the file's problems."""
    table = read_table(content)
    if table is None:
        found.advise("atlas_ilegible", 1)
    elif not {ID, UTTERANCES} <= set(table.columns):
        found.advise("atlas_sin_columnas", 1)
    else:
        for row in table.rows:
            out_of_scope_topic = _out_of_scope_topic(row, is_listed=found.file == OWN_TOPICS)
            if _is_sound(out_of_scope_topic, row, out_of_scope_topics, found):
                out_of_scope_topics[out_of_scope_topic.name] = out_of_scope_topic
            if (
                emergencies is not None
                and out_of_scope_topic.emergency
                and out_of_scope_topic.emergency not in emergencies
            ):
                names = ", ".join(emergencies)
                found.advise(
                    "atlas_urgencia", row.line, "urgencia", escrito=out_of_scope_topic.emergency, opciones=names
                )
    return found.problems


def _out_of_scope_topic(row: Row, *, is_listed: bool) -> OutOfScopeTopic:
    utterances = tuple(part.strip() for part in row[UTTERANCES].split(SEPARATOR) if part.strip())
    title, scope, body, url = row["nombre"], row["ambito"].lower(), row["organismo"], row["url"]
    emergency = row["urgencia"]
    return OutOfScopeTopic(row[ID], utterances, title, scope, body, url, emergency, is_listed)


def _is_sound(out_of_scope_topic: OutOfScopeTopic, row: Row, known: Container[str], found: Found) -> bool:
    """Returns whether the topic is usable, and reports its problems; a wrong scope or URL does not make it unusable."""
    if not out_of_scope_topic.name or out_of_scope_topic.name in known:
        code = "atlas_id_repetido" if out_of_scope_topic.name else "atlas_sin_id"
        found.advise(code, row.line, ID, escrito=out_of_scope_topic.name)
        return False
    if not out_of_scope_topic.utterances:
        found.advise("atlas_sin_formas", row.line, UTTERANCES, escrito=out_of_scope_topic.name)
        return False
    if out_of_scope_topic.scope and out_of_scope_topic.scope not in SCOPES:
        found.advise("atlas_ambito", row.line, "ambito", escrito=out_of_scope_topic.scope)
    if out_of_scope_topic.url and not out_of_scope_topic.url.startswith("https://"):
        found.advise("atlas_url", row.line, "url", escrito=out_of_scope_topic.url)
    return True


def _themes(path: Path) -> Iterator[Group]:
    themes: dict[str, list[str]] = {}
    name = path.stem
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        if line.startswith(THEME):
            name = line.removeprefix(THEME).strip()
        elif not line.startswith(COMMENT):
            themes.setdefault(name, []).append(line)
    return (Group(name, tuple(utterances)) for name, utterances in themes.items())
