"""Formats the open data: monthly figures as CSV and JSON, reviewed samples, and the answers with their sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.channels.web.answers.shown import Answer, Variant
from bot.core.texts import area, say
from bot.figures.definitions import Definition, Measure, Suppression, definitions
from bot.figures.publishing import DURABLE, TOTAL, Month, Published
from bot.figures.sampling.samples import Pool
from bot.text.csv_lines import csv_line

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/deed.es"
# Breakdown of a month (a field of Month) -> id of the figure that it breaks down.
PARTS = {"channels": TOTAL, "durable": DURABLE, "themes": TOTAL}


def csv_text(months: Sequence[Month]) -> str:
    """Returns the published months as CSV, delimited by commas and with decimal points."""
    return _csv(area("transparencia")["columnas"].values(), _rows(months))


def samples_csv(pools: Sequence[Pool], risk: float) -> str:
    """Returns CSV with a row per pool of reviewed answers: wrong answers per 100, their 95 % interval, and ``risk``.

    ``risk`` is the promised maximum of wrong answers per 100.
    """
    return _csv(area("transparencia")["columnas_muestra"].values(), (row.values() for row in _samples(pools, risk)))


def answers_csv(answers: Iterable[Answer], site: str) -> str:
    """Returns CSV with a row for each variant of each answer: its source, last review, and page on ``site``.

    ``site`` is the site's address without a trailing slash.
    """
    rows = (
        [one.id, one.topic, one.question, variant.audience, *_source(variant), variant.reviewed, site + one.path]
        for one in answers
        for variant in one.variants
    )
    return _csv(area("transparencia")["columnas_respuestas"].values(), rows)


def json_text(months: Sequence[Month], pools: Sequence[Pool], *, publisher: str, risk: float) -> str:
    """Returns JSON with the published figures, the samples, and an explanation of each figure and each field.

    ``publisher`` is the agency's name; ``risk`` is the promised maximum of wrong answers per 100.
    """
    columns = list(area("transparencia")["columnas"])
    content: dict[str, Any] = {
        "publica": publisher,
        "licencia": LICENCE,
        "licencia_url": LICENCE_URL,
        "campos": area("transparencia")["campos"],
        "diccionario": [
            {"cifra": id, "nombre": one.name, "cuenta": one.counts, "no_cuenta": one.excludes, "oculta": _hidden(one)}
            for id, one in definitions().items()
            if one.public
        ],
        "filas": [dict(zip(columns, row, strict=True)) for row in _rows(months)],
        "muestra": _samples(pools, risk),
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _hidden(one: Definition) -> str:
    """Returns a Spanish text that says under which condition publishing.py hides the figure."""
    if one.suppression is Suppression.ENDINGS:
        key = "entre_todas"
    elif one.is_share:
        key = "parte"
    else:
        key = "cantidad" if one.measure in {Measure.SUM, Measure.PEOPLE} else "casos"
    return say(f"transparencia.oculta.{key}")


def _csv(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return "".join(csv_line(row, ",") for row in (heads, *rows))


def _samples(pools: Sequence[Pool], risk: float) -> list[dict[str, float]]:
    """Returns a row for each pool; ``risk`` is the promised maximum of wrong answers per 100."""
    names = area("transparencia")["columnas_muestra"].values()
    return [
        dict(zip(names, (pool.weeks, pool.judged, pool.unsure, *_found(pool), risk), strict=True)) for pool in pools
    ]


def _found(pool: Pool) -> Iterator[float]:
    one = pool.estimate
    return (round(100 * share, 2) for share in (one.share, one.low, one.high))


def _source(variant: Variant) -> tuple[str, str]:
    return (variant.source.title, variant.source.url) if variant.source else ("", "")


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
