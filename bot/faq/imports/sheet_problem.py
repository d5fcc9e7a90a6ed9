"""Collects the problems of a spreadsheet for its author: row, column, message and fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from bot.core.texts import say
from bot.faq.entries.problem import Problem, Severity


@dataclass(frozen=True)
class Spot:
    """A position in a spreadsheet.

    ``row`` and ``column`` count from 1, 0 if unknown; ``name`` is the column's field. ``file`` is the path of the row's
    own file, if each row has one. ``counted`` is as in Row.
    """

    row: int = 0
    column: int = 0
    name: str = ""
    file: str = ""
    counted: bool = False

    @property
    def words(self) -> str:
        """Returns the position in Spanish, such as ``fila 7, columna C (respuesta)``; "" if the row is unknown.

        If the row has a file of its own, returns the file's path and the field instead; if it is ``counted``, the
        number of the question and the field.
        """
        heading = say("import.lugar.titulo", campo=self.name) if self.name else ""
        if self.file:
            return f"{self.file}{heading}"
        if not self.row:
            return ""
        if self.counted:
            return say("import.lugar.pregunta", n=self.row - 1) + heading if self.row > 1 else ""
        if not self.column:
            return say("import.lugar.fila", fila=self.row)
        return say("import.lugar.celda", fila=self.row, columna=get_column_letter(self.column), titulo=heading)


@dataclass(frozen=True)
class SheetProblem:
    """A problem in the spreadsheet; advice, unlike an error, does not prevent the import."""

    spot: Spot
    message: str
    fix: str
    severity: Severity = Severity.ERROR

    def line(self, file: str) -> str:
        """Returns the problem as one line for the terminal."""
        location = ", ".join(filter(None, (file, self.spot.words)))
        return say(f"import.linea.{self.severity}", lugar=location, mensaje=self.message, arreglo=self.fix)


@dataclass
class SheetFound:
    """The problems that were found in one spreadsheet."""

    problems: list[SheetProblem] = field(default_factory=list)

    def add(self, code: str, spot: Spot | None = None, **values: object) -> None:
        """Adds an error; its text is ``problemas.<code>`` in texts/import.yml."""
        self._tell(code, spot or Spot(), Severity.ERROR, values)

    def advise(self, code: str, spot: Spot, **values: object) -> None:
        """Adds advice; its text is ``problemas.<code>`` in texts/import.yml."""
        self._tell(code, spot, Severity.ADVICE, values)

    def _tell(self, code: str, spot: Spot, severity: Severity, values: Mapping[str, object]) -> None:
        filled = {"campo": spot.name, **values}
        message, fix = (say(f"import.problemas.{code}.{key}", **filled) for key in ("mensaje", "arreglo"))
        self.problems.append(SheetProblem(spot, message, fix, severity))

    def pass_on(self, problem: Problem, spot: Spot) -> None:
        """Adds a problem that the reader of entries found, with its position in the spreadsheet."""
        self.problems.append(SheetProblem(spot, problem.message, problem.fix, problem.severity))

    def leave_out(self, code: str, path: str, **values: object) -> None:
        """Adds advice that the file ``path``, or part of it, is not imported; its text is ``problemas.<code>``."""
        text = {key: say(f"import.problemas.{code}.{key}", **values) for key in ("mensaje", "arreglo")}
        self.note(text["mensaje"], text["arreglo"], Spot(file=path))

    def note(self, message: str, fix: str, spot: Spot) -> None:
        """Adds advice given as Spanish text; advice does not prevent the import."""
        self.problems.append(SheetProblem(spot, message, fix, Severity.ADVICE))

    @property
    def left_out(self) -> list[SheetProblem]:
        """Returns the advice about files that are not imported, or only in part."""
        return [one for one in self.problems if one.spot.file and not one.spot.row]

    @property
    def broken(self) -> bool:
        """Returns whether any of the problems is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
