"""Reads the messages to evaluate with: one JSON object a line, each with the entry that answers it.

Called by ``ventanilla eval`` and benchmarks/answering.py. A line that cannot be used is told with its field and its
fix; docs/evaluation.md describes the format.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.texts import say

WORDINGS = ("text", "turns", "parts")
INSIDE, OUTSIDE = "in", "out"
MIN_TURNS = 2


@dataclass(frozen=True)
class Query:
    """A message: ``turns`` are what the citizen says, the last of which is judged; ``faq`` is the entry that answers
    it, None when no entry does; ``also`` the second entry when it asks two things; ``kind`` groups messages.
    """

    turns: tuple[str, ...]
    faq: str | None = None
    kind: str = INSIDE
    also: str | None = None
    line: int = 0

    @property
    def text(self) -> str:
        """The words that are judged."""
        return self.turns[-1]

    @property
    def wanted(self) -> frozenset[str]:
        """The entries that answer it; empty when it is out of scope."""
        return frozenset(filter(None, (self.faq, self.also)))


@dataclass(frozen=True)
class QueryProblem:
    """One thing to fix in the file: its line (from 1; 0 is the whole file), its field, what is wrong and the fix."""

    line: int
    field: str
    message: str
    fix: str

    def words(self, file: str) -> str:
        """The problem in one line for the terminal."""
        place = say("eval.lugar.linea", linea=self.line) if self.line else ""
        named = say("eval.lugar.campo", campo=self.field) if self.field else ""
        return say("eval.linea", archivo=file, lugar=place + named, mensaje=self.message, arreglo=self.fix)


@dataclass(frozen=True)
class Queries:
    """The messages that can be used, and everything that is wrong with the others."""

    queries: tuple[Query, ...]
    problems: tuple[QueryProblem, ...]


def load(path: Path, ids: Collection[str]) -> Queries:
    """The messages in ``path``; ``ids`` are the entries that may be named. Never raises, whatever the file holds."""
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
    """The entries that may be named, and the problems found so far."""

    ids: Collection[str]
    problems: list[QueryProblem] = field(default_factory=list)

    def problem(self, line: int, name: str, code: str, **values: object) -> None:
        """Notes the error worded in texts/eval.yml under ``problemas.<code>``."""
        filled = {"campo": name, **values}
        message, fix = (say(f"eval.problemas.{code}.{part}", **filled) for part in ("mensaje", "arreglo"))
        self.problems.append(QueryProblem(line, name, message, fix))

    def query(self, number: int, line: str) -> Query | None:
        """The message of one line; None when something is wrong with it, which is noted."""
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
        """What is said, in one of three fields; a burst is one message, joined as the worker joins it."""
        given = [name for name in WORDINGS if name in raw]
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
