"""Reads the section ``publicos`` of agency.yml: the questions that ask citizens for their audience segment.

Each question asks for one dimension of the audience; FAQ entries list dimensions and values in ``audiencia``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, field_validator

from bot.core.texts import say

TITLE_LIMIT = 20  # characters of a button's title, the most that every channel shows in full
MAX_OPTIONS = 10
MAX_QUESTION = 200
KEY = re.compile(r"^[a-z0-9]+([-_][a-z0-9]+)*$")
KNOWN = ("canal", "idioma")  # dimensions that are known without asking


@dataclass(frozen=True)
class Segment:
    """An audience dimension: the ``question`` for citizens, and ``options``, which map values to button titles."""

    question: str
    options: Mapping[str, str]

    def titled(self, value: str) -> str:
        """Returns the button title of ``value``; for an unknown value, a title derived from the value itself."""
        return self.options.get(value, re.sub(r"[-_]+", " ", value).strip().capitalize()[:TITLE_LIMIT])


def titles_of(segments: Mapping[str, Segment], audience: Mapping[str, Sequence[str]]) -> str:
    """Describes an entry's audience: the titles of its values, separated by commas; '' if the entry is for everyone."""
    unknown = Segment("", {})
    return ", ".join(segments.get(name, unknown).titled(one) for name, values in audience.items() for one in values)


class SegmentFile(BaseModel):
    """A dimension of ``publicos`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    pregunta: str
    opciones: dict[str, str]

    @field_validator("pregunta")
    @classmethod
    def _question(cls, question: str) -> str:
        if not 0 < len(question.strip()) <= MAX_QUESTION:
            raise ValueError(_said("pregunta", maximo=MAX_QUESTION))
        return question.strip()

    @field_validator("opciones")
    @classmethod
    def _options(cls, options: dict[str, str]) -> dict[str, str]:
        titles = [" ".join(title.split()) for title in options.values()]
        if problem := _keys_problem(options) or _titles_problem(titles):
            raise ValueError(problem)
        return dict(zip(options, titles, strict=True))

    def read(self) -> Segment:
        return Segment(self.pregunta, self.opciones)


def dimensions_problem(names: Mapping[str, object]) -> str:
    """Returns a Spanish message about the first invalid name of a dimension; '' if all are valid."""
    for name in KNOWN:
        if name in names:
            return _said("se_sabe", nombre=name)
    return _keys_problem(names)


def _keys_problem(names: Mapping[str, object]) -> str:
    wrong = [name for name in names if not KEY.match(name)]
    return _said("clave", clave=wrong[0]) if wrong else ""


def _titles_problem(titles: list[str]) -> str:
    if not 0 < len(titles) <= MAX_OPTIONS:
        return _said("opciones", maximo=MAX_OPTIONS)
    if not all(titles):
        return _said("opcion_vacia")
    long = [title for title in titles if len(title) > TITLE_LIMIT]
    if long:
        return _said("opcion_larga", opcion=long[0], maximo=TITLE_LIMIT)
    repeated = [title for title in titles if [one.casefold() for one in titles].count(title.casefold()) > 1]
    return _said("opcion_repetida", opcion=repeated[0]) if repeated else ""


def _said(problem: str, **values: object) -> str:
    return say(f"agency.problemas.publicos_{problem}", **values)
