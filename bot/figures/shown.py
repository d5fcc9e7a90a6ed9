"""Formats a figure as Spanish text, with the previous period's value; marks figures with too few cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.texts import area, say
from bot.figures.definitions import Definition, Unit, definitions
from bot.figures.numbers import duration, number, percent
from bot.figures.results import NOTHING, Counted, Numbers

FEW = 10  # fewer cases allow neither a percentage nor an average
UNANSWERED = (
    "sin_elegir",
    "sin_saber",
    "solo_aviso",
    "saludos",
)  # endings without an answer, a person or another organization
LEAST_IN_HUNDRED = 0.005  # a smaller share would be rounded to «0 de cada 100»
LEAST_SHARE = 0.05  # a smaller share of the conversations is not worth a sentence


@dataclass(frozen=True)
class Shown:
    """A figure as a page shows it.

    ``detail`` is a text with the number of cases, or '' if that has no meaning. ``before`` is a text with the previous
    period's value, ``earlier`` that value alone; both may be ''.
    """

    id: str
    definition: Definition
    value: str
    detail: str
    before: str
    earlier: str
    counted: Counted

    @property
    def is_few(self) -> bool:
        return not _is_enough(self.definition, self.counted)


def shown(id: str, now: Numbers, before: Numbers | None = None) -> Shown:
    """Formats the figure ``id`` of a period, compared with its value in ``before``."""
    definition, counted = definitions()[id], now.get(id, NOTHING)
    earlier = before.get(id, NOTHING) if before else NOTHING
    value = _value(definition, earlier) if _is_enough(definition, earlier) else ""
    then = say("cifras.antes", valor=value) if value else ""
    return Shown(id, definition, _value(definition, counted), _detail(id, definition, counted), then, value, counted)


def every(ids: Iterable[str], now: Numbers, before: Numbers | None = None) -> list[Shown]:
    return [shown(id, now, before) for id in ids]


def in_hundred(now: Mapping[str, Counted], id: str) -> str:
    """Formats a share as «64 de cada 100»; if there are few cases, as «3 de 7».

    Some that are less than half of one in 100 are «menos de 1 de cada 100».
    """
    counted = now.get(id, NOTHING)
    if counted.share is None or counted.among < FEW:
        return say("cifras.de", valor=number(counted.value or 0), total=number(counted.among))
    if 0 < counted.share < LEAST_IN_HUNDRED:
        return say("cifras.menos_de_1")
    return say("cifras.de_cada_100", n=number(100 * counted.share))


def unanswered(now: Mapping[str, Counted]) -> str:
    """Returns a Spanish sentence on the conversations that ended without an answer, a person or a referral.

    It begins with a blank. Returns '' if they are less than LEAST_SHARE each.
    """
    some = [id for id in UNANSWERED if (now.get(id, NOTHING).share or 0) >= LEAST_SHARE]
    *others, last = [say(f"cifras.breve.otras.{id}", n=in_hundred(now, id)) for id in some] or [""]
    told = say("cifras.breve.y").join(filter(None, (", ".join(others), last)))
    return f" {say('cifras.breve.ademas', otras=told)}" if told else ""


def out_of(id: str, value: float, among: int) -> str:
    """Formats the numerator and denominator of the share ``id``, such as «383 de 581 conversaciones»."""
    noun, of = area("cifras")["de_cuantas_que"].get(id, ""), definitions()[id].of
    return say("cifras.de_cuantas", valor=number(value), total=number(among), de=f"{noun} {of}".lstrip())


def _is_enough(definition: Definition, counted: Counted) -> bool:
    if definition.is_count:
        return bool(counted.value)
    return counted.value is not None and counted.among >= FEW


def _value(definition: Definition, counted: Counted) -> str:
    if definition.is_count:
        return number(counted.value or 0)
    if counted.value is None or not counted.among:
        return say("cifras.sin_casos")
    if definition.is_share:
        return _share(counted)
    if counted.among < FEW:
        return say("cifras.muy_pocas_notas" if definition.unit is Unit.STARS else "cifras.muy_pocos")
    if definition.unit is Unit.SECONDS:
        return duration(counted.value)
    return say("cifras.estrellas", valor=number(counted.value, 1))


def _share(counted: Counted) -> str:
    if counted.among < FEW:
        return say("cifras.de", valor=number(counted.value or 0), total=number(counted.among))
    return percent(counted.share or 0, counted.among)


def _detail(id: str, definition: Definition, counted: Counted) -> str:
    if definition.is_count or not counted.among:
        return ""
    if definition.is_share and counted.among < FEW:
        return say("cifras.pocas_para_porcentaje")
    if definition.is_share:
        return out_of(id, counted.value or 0, counted.among)
    one, many = ("nota", "notas") if definition.unit is Unit.STARS else ("caso", "casos")
    return say(f"cifras.{one if counted.among == 1 else many}", n=number(counted.among))
