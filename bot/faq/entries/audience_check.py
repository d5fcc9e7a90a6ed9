"""Checks that the dimensions and values of the entries' audiences are listed in agency.yml."""

from __future__ import annotations

from collections.abc import Iterable

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem


def unlisted(entries: Iterable[Entry], agency: Agency) -> list[Problem]:
    """Returns advice for each dimension or value of an audience that is not listed in agency.yml."""
    return [problem for entry in entries for problem in _of(entry, _known(agency))]


def _known(agency: Agency) -> dict[str, list[str]]:
    """Returns the listed values of each dimension: those of ``publicos``, the agency's commune, and the channels."""
    known = {dimension: list(public.options) for dimension, public in agency.segments.items()}
    known["comuna"] = [*filter(None, [agency.comuna]), *known.get("comuna", [])]
    known["canal"] = [channel.value for channel in Channel]
    return known


def _of(entry: Entry, known: dict[str, list[str]]) -> list[Problem]:
    found = Found(entry.path)
    line = entry.lines.get("audiencia", 1)
    for dimension, values in entry.audience.items():
        if dimension not in known:
            found.advise("audiencia_sin_pregunta", line, "audiencia", escrito=dimension)
            continue
        for value in values:
            if value not in known[dimension]:
                listed = ", ".join(known[dimension])
                found.advise(
                    "audiencia_desconocida", line, "audiencia", escrito=value, publico=dimension, valores=listed
                )
    return found.problems
