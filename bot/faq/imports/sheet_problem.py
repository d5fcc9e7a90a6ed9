"""What is wrong with a spreadsheet of questions, said as its author sees it: row, column, what is wrong and the fix.

Collected by ``sheet``, its two readers and ``importing``; printed by ``ventanilla import``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from bot.core.texts import say
from bot.faq.entries.problem import Problem, Severity


@dataclass(frozen=True)
class Spot:
    """Where in a sheet: ``row`` and ``column`` count from 1 and are 0 when unknown; ``name`` is the column's field."""

    row: int = 0
    column: int = 0
    name: str = ""

    @property
    def words(self) -> str:
        """Such as ``fila 7, columna C (respuesta)``; "" for the whole file."""
        if not self.row:
            return ""
        if not self.column:
            return say("import.lugar.fila", fila=self.row)
        heading = say("import.lugar.titulo", campo=self.name) if self.name else ""
        return say("import.lugar.celda", fila=self.row, columna=get_column_letter(self.column), titulo=heading)


@dataclass(frozen=True)
class SheetProblem:
    """One thing to fix in the spreadsheet; only an error keeps it from being imported."""

    spot: Spot
    message: str
    fix: str
    severity: Severity = Severity.ERROR

    def line(self, file: str) -> str:
        """The problem in one line for the terminal."""
        place = ", ".join(filter(None, (file, self.spot.words)))
        return say(f"import.linea.{self.severity}", lugar=place, mensaje=self.message, arreglo=self.fix)


@dataclass
class SheetFound:
    """Collects the problems of one spreadsheet."""

    problems: list[SheetProblem] = field(default_factory=list)

    def add(self, code: str, spot: Spot | None = None, **values: object) -> None:
        """Notes the error worded in texts/import.yml under ``problemas.<code>``."""
        filled = {"campo": spot.name if spot else "", **values}
        message = say(f"import.problemas.{code}.mensaje", **filled)
        fix = say(f"import.problemas.{code}.arreglo", **filled)
        self.problems.append(SheetProblem(spot or Spot(), message, fix))

    def pass_on(self, problem: Problem, spot: Spot) -> None:
        """Notes what the reader of entries found, at its place in the sheet."""
        self.problems.append(SheetProblem(spot, problem.message, problem.fix, problem.severity))

    @property
    def broken(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
