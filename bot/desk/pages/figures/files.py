"""Writes the figures as CSV, as JSON, and as XLSX with the definitions of the figures on a second sheet.

Also writes the entries by age, as CSV and XLSX.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from io import BytesIO
from typing import TypeVar

from fastapi.responses import Response
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bot.core.texts import area, say
from bot.desk.pages.figures.ages import AgedEntry
from bot.figures.counting import EPISODES, PEOPLE
from bot.figures.definitions import Unit, definitions
from bot.figures.report import Report
from bot.figures.results import Counted
from bot.text.csv_lines import MARK, csv_line, safe_cell

JSON = "application/json; charset=utf-8"
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | float | None
Figures = TypeVar("Figures")
COST = "costo_whatsapp"
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")


async def download(make: Callable[[Figures], str | bytes], figures: Figures, name: str, media_type: str) -> Response:
    """Returns an uncached response with the file that ``make`` builds in a thread, since a workbook takes long."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(await asyncio.to_thread(make, figures), media_type=media_type, headers=headers)


def csv_file(report: Report) -> str:
    return MARK + "".join(csv_line([_plain(one) for one in row]) for row in _rows(report))


def xlsx_file(report: Report) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    figures = book.create_sheet(say("cifras.hojas.cifras"))
    for row in _rows(report):
        figures.append(_safe(row))
    _finish(figures, (28, 12, 28, 14, 12, 14, 12))
    meanings = book.create_sheet(say("cifras.hojas.definiciones"))
    meanings.append(list(area("cifras")["definicion"].values()))
    for row in _meanings():
        meanings.append(row)
    _finish(meanings, (20, 34, 20, 70, 70))
    for cells in meanings.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = WRAPPED
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def json_file(report: Report) -> str:
    """Returns the rows as JSON objects, with the definition of each figure and the period's first and last day."""
    heads, *rows = _rows(report)
    row_values = {
        "desde": report.period.start.isoformat(),
        "hasta": (report.period.end - timedelta(days=1)).isoformat(),
        "definiciones": [dict(zip(area("cifras")["definicion"], row, strict=True)) for row in _meanings()],
        "filas": [dict(zip(map(str, heads), row, strict=True)) for row in rows],
    }
    return json.dumps(row_values, ensure_ascii=False)


def _meanings() -> Iterator[tuple[str, ...]]:
    """Yields the definition of each figure: id, name, unit, what it counts, what it excludes."""
    units = area("cifras")["unidades"]
    for id, one in definitions().items():
        yield id, one.name, units["share" if one.is_share else one.unit.value], one.counts, one.excludes


def ages_csv(rows: Sequence[AgedEntry]) -> str:
    return MARK + "".join(csv_line([_plain(one) for one in row]) for row in _age_rows(rows))


def ages_xlsx(rows: Sequence[AgedEntry]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = say("cifras.entradas.hoja")
    for row in _age_rows(rows):
        sheet.append(_safe(row))
    _finish(sheet, (28, 60, 24, 12, 10, 12, 12, 12, 12, 12))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _safe(row: Sequence[Value]) -> list[Value]:
    """Returns the cells; a workbook would run a text that begins with «=» as a formula."""
    return [safe_cell(one) if isinstance(one, str) else one for one in row]


def _age_rows(rows: Sequence[AgedEntry]) -> Iterator[tuple[Value, ...]]:
    yield tuple(area("cifras")["entradas"]["archivo"])
    for one in rows:
        reviewed = one.reviewed.isoformat()
        row_values = (one.count, one.useful, one.useless, one.sample.bad, one.sample.count)
        yield one.id, one.question, one.topic, reviewed, one.days, *row_values


def _finish(sheet: Worksheet, widths: tuple[int, ...]) -> None:
    """Formats a sheet: bold heading row that does not scroll, and column ``widths`` in characters."""
    for number, width in enumerate(widths, start=1):
        sheet.cell(1, number).font = BOLD
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"


def _rows(report: Report) -> Iterator[tuple[Value, ...]]:
    """Yields the heading row, then the rows of figures (also by channel, team and segment), then those of groups.

    Only the rows of figures use the last column, which contains the numbers of drills.
    """
    heads = tuple(area("cifras")["columnas"].values())
    yield heads
    for id, dimension, key, value, among, before, *drill in _numbers(report):
        row = (id, dimension, key, _rounded(id, value), among, _rounded(id, before), *drill)
        yield row + (None,) * (len(heads) - len(row))


def _rounded(id: Value, value: Value) -> Value:
    """Rounds a figure's number: seconds to whole ones, any other to two decimals."""
    if not isinstance(value, float):
        return value
    one = definitions().get(str(id))
    return round(value) if one and one.unit is Unit.SECONDS else round(value, 2)


def _numbers(report: Report) -> Iterator[tuple[Value, ...]]:
    """Yields the rows below the headings; a row may be shorter than the headings."""
    for id, one in report.now.items():
        before = report.before.get(id)
        drill = report.drills.get(id, 0) if report.drills else None
        yield id, "", "", one.value, one.among, before.value if before else None, drill
    if report.cost:
        cost_before = round(report.cost_before.total, 2) if report.cost_before else None
        yield COST, report.cost.currency, "", round(report.cost.total, 2), report.cost.messages, cost_before
    compared = report.compared
    for dimension, numbers, earlier in (
        ("channel", compared.channels, compared.channels_before),
        ("team", compared.teams, compared.teams_before),
    ):
        for key, figures in numbers.items():
            for id, one in figures.items():
                before = earlier.get(key, {}).get(id)
                yield id, area("cifras")["por"][dimension], key, one.value, one.among, before.value if before else None
    yield from _day_rows(report)
    yield from _segment_rows(report)
    yield from _group_rows(report)


def _group_rows(report: Report) -> Iterator[tuple[Value, ...]]:
    """Yields the counts of each group, then the citizens of each hour and topic."""
    names = area("cifras")["por"]
    for dimension, groups in report.groups.items():
        for key, group in groups.items():
            before = group.before if report.is_compared and dimension != "day" else None
            yield EPISODES, names[dimension], str(key), group.count, group.count, before
    lacking = {key: group for key, group in report.groups["theme"].items() if group.unwritten}
    for key, group in lacking.items():
        earlier = group.unwritten_before if report.is_compared else None
        yield "no_escritas", names["theme"], key, group.unwritten, group.count, earlier
    for dimension, people in (("hour", report.people.hours), ("theme", report.people.themes)):
        for key, count in people.items():
            yield PEOPLE, names[dimension], str(key), count, report.groups[dimension][key].count, None


def _day_rows(report: Report) -> Iterator[tuple[Value, ...]]:
    """Yields the figures of each day, of all teams together and of each team."""
    for team, days in report.compared.days.items():
        for day in sorted(days):
            name = f"{team} {day}" if team else str(day)
            for id, one in days[day].items():
                yield id, area("cifras")["por"]["team_day" if team else "day"], name, one.value, one.among, None


def _segment_rows(report: Report) -> Iterator[tuple[Value, ...]]:
    """Yields the figures of each value of the segments, and its citizens; cells of hidden values are empty."""
    for key, parts in report.segments.items():
        name, secret = say("cifras.por_segmento", nombre=key), report.hidden_values(key)
        earlier, people = report.shown_before(key), report.people.segments.get(key, {})
        for value, figures in parts.items():
            citizens = Counted(people.get(value, 0), figures[EPISODES].among)
            for id, one in {**figures, PEOPLE: citizens}.items():
                before = earlier.get(value, {}).get(id)
                row_values = (one.value, one.among, before.value if before else None)
                numbers = (None, None, None) if value in secret else row_values
                yield id, name, value or say("cifras.segmentos.sin_dato_archivo"), *numbers


def _plain(value: Value) -> str:
    """Formats a value for CSV; numbers get a decimal comma, as in Chile."""
    if isinstance(value, str) or value is None:
        return value or ""
    return f"{value:.10g}".replace(".", ",")
