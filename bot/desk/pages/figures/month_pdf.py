"""Renders the monthly report as a tagged PDF (PDF/UA-1), with typst and the template informe.typ."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from bot.core.texts import area, say
from bot.desk.pages.figures.month import MonthReport
from bot.desk.pages.figures.segments import SegmentTable
from bot.desk.pages.figures.windows import WindowsView
from bot.desk.pages.pdf import make_pdf
from bot.figures.charts import HEIGHT, WIDTH, Columns

TEMPLATE = Path(__file__).with_name("informe.typ")


def month_pdf(report: MonthReport, color: str) -> bytes:
    """Returns the report as PDF; takes about 0.1 s. Raises PdfUnavailable."""
    return make_pdf(TEMPLATE, "informe", _data(report, color))


def _data(report: MonthReport, color: str) -> dict[str, Any]:
    words, days = area("informe"), report.days
    caption = words["grafico"].format(titulo=words["por_dia"], n=days.highest, cual=days.peak)
    return {
        "t": {name: text for name, text in words.items() if isinstance(text, str)},
        "titulo": report.title,
        "bajada": report.lead,
        "fecha": report.month.isoformat(),
        "color": color,
        "parcial": words["parcial"] if report.is_open else "",
        "breve": list(report.brief),
        "cinco": [vars(one) for one in report.five],
        "grafico": _svg(days, color),
        "grafico_palabras": caption if days.peak else say("cifras.grafico_vacio"),
        "dias": [[one.label, one.text] for one in days.columns],
        "preguntan": [[one.question, one.count, one.trend] for one in report.asked],
        "edades": [*filter(None, (report.ages.counted, report.ages.old))] if report.ages else [],
        "edades_filas": [[one.question, one.answers, one.age] for one in report.ages.most_asked] if report.ages else [],
        "nadie": [[row.name, row.cells[0]] for row in report.unwritten],
        "esperas": [[row.name, *row.cells] for row in report.waits],
        **_windows(report.windows),
        "segmentos": [_segment(one) for one in report.segments],
        "segmentos_bajada": say("cifras.segmentos.bajada"),
        "promesa": [report.promised, *(one.replace("**", "") for one in report.found)],
        "decidir": list(report.decisions),
        "pie": report.footer,
    }


def _windows(view: WindowsView | None) -> dict[str, Any]:
    words = area("cifras")["whatsapp"]
    figures, cost = (view.figures, list(view.cost)) if view else ((), [])
    return {
        "whatsapp_titulo": words["titulo"],
        "whatsapp": [[one.definition.name, one.value, one.earlier or "—"] for one in figures],
        "whatsapp_costo": " ".join([*cost, words["ojo"]] if len(cost) > 1 else cost),
    }


def _segment(table: SegmentTable) -> dict[str, Any]:
    words = area("cifras")["segmentos"]
    columns: list[str] = words["columnas"]
    hidden = [words["oculto"]] * len(columns)
    return {
        "titulo": table.name,
        "columnas": [table.name, *columns],
        "filas": [[row.name, *(row.cells or hidden)] for row in table.rows],
    }


def _svg(chart: Columns, color: str) -> str:
    bars = "".join(
        f'<rect x="{one.x}" y="{one.y * 2}" width="{one.width}" height="{one.height * 2}"/>' for one in chart.columns
    )
    size = f"0 0 {WIDTH:.0f} {2 * HEIGHT:.0f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}"><g fill="{escape(color)}">{bars}</g></svg>'
