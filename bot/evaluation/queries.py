"""Reads the messages of an evaluation from a file: each line is a JSON object with a message and the right entry.

docs/evaluation.md describes the format. An invalid line becomes a problem, which names the field and the fix.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.texts import say

UTTERANCES = ("text", "turns", "parts")
INSIDE, OUTSIDE = "in", "out"
MIN_TURNS = 2


@dataclass(frozen=True)
class Query:
    """A message of an evaluation; ``turns`` are the citizen's messages, of which only the last one is evaluated.

    ``faq`` is the id of the entry that answers the message, None if none does. ``also`` is the id of a second entry, if
    the message asks two questions. ``kind`` groups messages in the report; ``line`` is the line in the file.
    """

    turns: tuple[str, ...]
    faq: str | None = None
    kind: str = INSIDE
    also: str | None = None
    line: int = 0

    @property
    def text(self) -> str:
        """Returns the message that is evaluated."""
        return self.turns[-1]

    @property
    def wanted(self) -> frozenset[str]:
        """Returns the ids of the entries that answer the message; empty if it is out of scope."""
        return frozenset(filter(None, (self.faq, self.also)))


@dataclass(frozen=True)
class QueryProblem:
    """A problem in the file: its line (from 1; 0 means the whole file), field, message and fix."""

    line: int
    field: str
    message: str
    fix: str

    def words(self, file: str) -> str:
        """Returns the problem as one line for the terminal."""
        place = say("eval.lugar.linea", linea=self.line) if self.line else ""
        named = say("eval.lugar.campo", campo=self.field) if self.field else ""
        return say("eval.linea", archivo=file, lugar=place + named, mensaje=self.message, arreglo=self.fix)


@dataclass(frozen=True)
class Queries:
    """The valid messages of a file, and the problems of its invalid lines or of the whole file."""

    queries: tuple[Query, ...]
    problems: tuple[QueryProblem, ...]


def load(path: Path, ids: Collection[str]) -> Queries:
    """Reads the messages in the file ``path``; ``ids`` are the ids of all entries.

    Never raises; reports problems instead.
    """
    reading = _Reading(ids)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        reading.problem(0, "", "no_es_utf8")
    except OSError:
        reading.problem(0, "", "no_se_abre")
    else:
        numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
        queries = tuple(query for number, line in numbered if (query := reading.query(number, line)))
        if not queries and not reading.problems:
            reading.problem(0, "", "sin_mensajes")
        return Queries(queries, tuple(reading.problems))
    return Queries((), tuple(reading.problems))


@dataclass
class _Reading:
    """The state of reading a file: the ids of all entries, and the problems so far."""

    ids: Collection[str]
    problems: list[QueryProblem] = field(default_factory=list)

    def problem(self, line: int, name: str, code: str, **values: object) -> None:
        """Adds a problem; its text is ``problemas.<code>`` in texts/eval.yml."""
        filled = {"campo": name, **values}
        message, fix = (say(f"eval.problemas.{code}.{part}", **filled) for part in ("mensaje", "arreglo"))
        self.problems.append(QueryProblem(line, name, message, fix))

    def query(self, number: int, line: str) -> Query | None:
        """Parses one line; if the line is invalid, adds a problem and returns None."""
        before = len(self.problems)
        raw = self._object(number, line)
        if raw is None:
            return None
        turns = self._turns(number, raw)
        faq, also = (self._id(number, name, raw.get(name)) for name in ("faq", "also"))
        kind = raw.get("kind", INSIDE if faq else OUTSIDE)
        if not isinstance(kind, str) or not kind.strip():
            self.problem(number, "kind", "kind_vacio")
        if also and raw.get("faq") is None:
            self.problem(number, "also", "also_sin_faq")
        if len(self.problems) > before:
            return None
        return Query(turns, faq, kind.strip(), also, number)

    def _object(self, number: int, line: str) -> dict[str, Any] | None:
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError):
            self.problem(number, "", "no_es_json")
            return None
        if isinstance(raw, dict):
            return raw
        self.problem(number, "", "no_es_objeto")
        return None

    def _turns(self, number: int, raw: dict[str, Any]) -> tuple[str, ...]:
        """Reads the turns from the field of UTTERANCES that is present; ``parts`` are joined into a single message.

        Returns () and adds a problem if the field is invalid, or if none or several of the fields are present.
        """
        given = [name for name in UTTERANCES if name in raw]
        if len(given) != 1:
            self.problem(number, "text", "varios_textos" if given else "sin_texto", campos=", ".join(given))
            return ()
        name, value = given[0], raw[given[0]]
        parts = [value] if name == "text" else value
        if not isinstance(parts, list) or not parts or not all(isinstance(part, str) for part in parts):
            self.problem(number, name, "no_es_texto" if name == "text" else "no_es_lista")
        elif not all(part.strip() for part in parts):
            self.problem(number, name, "texto_vacio")
        elif name == "turns" and len(parts) < MIN_TURNS:
            self.problem(number, name, "un_solo_turno")
        else:
            return ("\n".join(parts),) if name == "parts" else tuple(parts)
        return ()

    def _id(self, number: int, name: str, value: object) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and value in self.ids:
            return value
        near = difflib.get_close_matches(str(value), self.ids, n=1, cutoff=0.6)
        code = "id_parecido" if near else "id_desconocido"
        self.problem(number, name, code, escrito=value, parecido="".join(near))
        return None
