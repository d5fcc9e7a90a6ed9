"""Builds the report of an evaluation and renders it as a JSON object or as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from bot.core.texts import say
from bot.evaluation import metrics
from bot.evaluation.asking import Outcome
from bot.evaluation.intervals import Interval, intervals
from bot.evaluation.metrics import Rate
from bot.faq.ranking.calibration import Thresholds

FIRST_RATES = ("top1", "top3", "answered", "precision", "coverage", "clarify_hit")
OUTSIDE = "oos_answered"
PRECISE = ("aurc", "ece")


@dataclass(frozen=True)
class Report:
    """All metrics of an evaluation, and the thresholds that the answerer used.

    ``rates`` maps names to shares. ``outside`` maps each kind of out-of-scope message to the share that was answered;
    ``auroc`` has the same keys and ALL. ``numbers`` contains aurc, ece, p50_ms and p95_ms. The 95 % intervals have the
    keys of ``rates`` and of ``outside``.
    """

    outcomes: tuple[Outcome, ...]
    thresholds: Thresholds
    rates: dict[str, Rate]
    outside: dict[str, Rate]
    auroc: dict[str, float | None]
    numbers: dict[str, float | None]
    intervals: dict[str, Interval | None]
    outside_intervals: dict[str, Interval | None]

    @classmethod
    def from_outcomes(cls, outcomes: Sequence[Outcome], thresholds: Thresholds) -> Report:
        rates, outside = metrics.rates(outcomes), metrics.answered_outside(outcomes)
        chances, right = metrics.confidences(outcomes), metrics.best_right(outcomes)
        times = [one.milliseconds for one in outcomes]
        numbers = {
            "aurc": metrics.aurc(chances, right),
            "ece": metrics.calibration_error(chances, right),
            "p50_ms": metrics.percentile(times, 50),
            "p95_ms": metrics.percentile(times, 95),
        }
        areas = metrics.aurocs(outcomes)
        return cls(tuple(outcomes), thresholds, rates, outside, areas, numbers, intervals(rates), intervals(outside))

    @property
    def wrong(self) -> list[Outcome]:
        """Returns the outcomes with a wrong answer, the most confident first."""
        given = (one for one in self.outcomes if one.answered and not one.right)
        return sorted(given, key=lambda one: -one.confidence)

    @property
    def inside(self) -> int:
        """Returns the number of messages in scope."""
        return sum(one.inside for one in self.outcomes)


def to_dict(report: Report, *, worst: int) -> dict[str, Any]:
    """Returns the report as a dictionary for ``json.dumps``, with the ``worst`` most confident of the wrong answers."""
    values = {name: rate.value for name, rate in report.rates.items()}
    return {
        "n": len(report.outcomes),
        **{name: values.pop(name) for name in FIRST_RATES},
        OUTSIDE: {kind: rate.value for kind, rate in report.outside.items()},
        "auroc": report.auroc,
        **report.numbers,
        "n_in": report.inside,
        **values,
        "intervals": {**report.intervals, OUTSIDE: report.outside_intervals},
        "confusions": [_confusion(one) for one in report.wrong[:worst]],
        "thresholds": asdict(report.thresholds),
    }


def _confusion(one: Outcome) -> dict[str, Any]:
    return {
        "line": one.query.line,
        "text": _shown(one.query.text),
        "kind": one.query.kind,
        "wanted": sorted(one.query.wanted),
        "answered": list(one.answers),
        "confidence": one.confidence,
    }


def table(report: Report) -> Table:
    """Returns the metrics as a table for the terminal, with a label, a value and an interval per row."""
    grid = Table(title=say("eval.titulo", mensajes=len(report.outcomes), dentro=report.inside), title_justify="left")
    for column, heading in enumerate(("medida", "valor", "intervalo")):
        grid.add_column(say(f"eval.columnas.{heading}"), justify="right" if column else "left", no_wrap=bool(column))
    for row in _rows(report):
        grid.add_row(*row)
    return grid


def _rows(report: Report) -> Iterator[tuple[str, str, str]]:
    for name, rate in report.rates.items():
        yield say(f"eval.medidas.{name}"), percent(rate.value), _between(report.intervals[name])
    for kind, rate in report.outside.items():
        label = say(f"eval.medidas.{OUTSIDE}", tipo=kind)
        yield label, percent(rate.value), _between(report.outside_intervals[kind])
    for kind, area in report.auroc.items():
        yield say("eval.medidas.auroc", tipo=say("eval.todos") if kind == metrics.ALL else kind), decimal(area, 3), ""
    for name, value in report.numbers.items():
        yield say(f"eval.medidas.{name}"), decimal(value, 3 if name in PRECISE else 1), ""


def wrong_lines(report: Report, worst: int) -> list[str]:
    """Returns a heading and the ``worst`` most confident of the wrong answers, one per line; [] if there are none."""
    lines = [
        say(
            "eval.confusion",
            seguridad=f"{100 * one.confidence:.0f} %",
            respondida=", ".join(one.answers),
            esperada=", ".join(sorted(one.query.wanted)) or say("eval.ninguna"),
            tipo=one.query.kind,
            texto=" / ".join(_shown(one.query.text).split("\n")),
        )
        for one in report.wrong[:worst]
    ]
    return [say("eval.peores"), *lines] if lines else []


def _shown(text: str) -> str:
    """Returns ``text`` with lone surrogates replaced; JSON can contain these, but a terminal cannot show them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def limits(report: Report) -> str:
    """Returns a line with the thresholds for answering and for offering entries."""
    thresholds = report.thresholds
    return say("faq.preguntar.umbrales", responde=percent(thresholds.answer), aclara=percent(thresholds.offer))


def percent(share: float | None) -> str:
    return say("eval.sin_dato") if share is None else f"{100 * share:.1f} %".replace(".", ",")


def _between(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return "–".join(f"{100 * end:.1f}".replace(".", ",") for end in interval)


def decimal(value: float | None, digits: int) -> str:
    return say("eval.sin_dato") if value is None else f"{value:.{digits}f}".replace(".", ",")
