"""Formats the open data: the published months' figures as CSV, and as JSON with a dictionary of the figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.core.texts import area, say
from bot.figures.definitions import definitions
from bot.figures.publishing import DURABLE, TOTAL, Month, Published

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/deed.es"
# Breakdown of a month (a field of Month) -> id of the figure that it breaks down.
PARTS = {"channels": TOTAL, "durable": DURABLE, "themes": TOTAL}


def csv_text(months: Sequence[Month]) -> str:
    """Returns the published months as CSV, delimited by commas and with decimal points."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(area("transparencia")["columnas"].values())
    writer.writerows(_rows(months))
    return buffer.getvalue()


def json_text(months: Sequence[Month], publisher: str) -> str:
    """Returns the rows of ``csv_text`` as JSON objects, with a dictionary that explains each figure and each field."""
    columns = list(area("transparencia")["columnas"])
    told: dict[str, Any] = {
        "publica": publisher,
        "licencia": LICENCE,
        "licencia_url": LICENCE_URL,
        "campos": area("transparencia")["campos"],
        "diccionario": [
            {"cifra": id, "nombre": one.name, "cuenta": one.counts, "no_cuenta": one.excludes}
            for id, one in definitions().items()
            if one.public
        ],
        "filas": [dict(zip(columns, row, strict=True)) for row in _rows(months)],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _rows(months: Sequence[Month]) -> Iterator[list[Any]]:
    for month in months:
        name = f"{month.month:%Y-%m}"
        for id, one in month.figures.items():
            yield [name, id, "", "", *_cells(one)]
        for part, id in PARTS.items():
            for key, one in getattr(month, part).items():
                yield [name, id, area("transparencia")["desgloses"][part], key, *_cells(one)]
        for segment, values in month.segments.items():
            for key, one in values.items():
                value = key or say("cifras.segmentos.sin_dato_archivo")
                yield [name, TOTAL, say("cifras.por_segmento", nombre=segment), value, *_cells(one)]


def _cells(one: Published) -> list[Any]:
    value = int(one.value) if one.value is not None and one.value == int(one.value) else one.value
    return [value, one.among, int(one.is_hidden)]
