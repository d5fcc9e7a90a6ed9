"""Describes the problems of an FAQ file for its editor: file, line, field, message and fix.

The checks collect problems in a ``Found``; ``ventanilla check`` and the desk show them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.texts import say

# Placeholders of a problem's texts whose value may replace the wrong value; `correcto` if the texts give an example.
RIGHT = ("correcto", "corregido", "parecido", "nombre", "carpeta")


class Severity(StrEnum):
    """The severity of a problem. A file with an error is not served; its last known good version is served instead."""

    ERROR = "error"
    ADVICE = "consejo"


@dataclass(frozen=True)
class Problem:
    """A problem in a file. ``file`` is relative to the FAQ folder, ``line`` counts from 1, ``field`` may be empty.

    ``code`` names the problem in texts/faq.yml. ``right`` is what the check would write instead, '' if unknown.
    """

    file: str
    line: int
    field: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR
    code: str = ""
    right: str = ""


@dataclass
class Found:
    """The problems that were found in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, line: int, name: str = "", **values: object) -> None:
        """Adds an error in the field ``name`` ('' for none); its text is ``problemas.<code>`` in texts/faq.yml.

        ``values`` fill the placeholders of the text.
        """
        self._note(code, line, name, Severity.ERROR, values)

    def advise(self, code: str, line: int, name: str = "", **values: object) -> None:
        """Adds advice, with the same arguments as ``add``; a file with only advice is still served."""
        self._note(code, line, name, Severity.ADVICE, values)

    def _note(self, code: str, line: int, name: str, severity: Severity, values: dict[str, object]) -> None:
        filled = {"campo": name, "archivo": self.file, **values}
        message = say(f"faq.problemas.{code}.mensaje", **filled)
        fix = say(f"faq.problemas.{code}.arreglo", **filled)
        right = str(next((filled[key] for key in RIGHT if key in filled), ""))
        self.problems.append(Problem(self.file, line, name, message, fix, severity, code, right))

    def beside(self, file: str) -> Found:
        """Returns a Found for another file of the same entry that adds to the same list of problems."""
        return Found(file, self.problems)

    @property
    def broken(self) -> bool:
        """Returns whether any of the problems is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
