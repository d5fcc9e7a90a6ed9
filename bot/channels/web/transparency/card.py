"""Builds the transparency card in each of its forms (forms.yml) from one set of facts.

The facts about the running system come from its settings and published results, so that the card cannot contradict
them; the other facts come from a file that the agency writes (own_facts.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.channels.web.site import Site, names
from bot.channels.web.transparency.own_facts import own_facts
from bot.core.channels import name_of
from bot.core.texts import area, say
from bot.core.yaml import read_yaml_file
from bot.faq.encoder.folder import BUILD
from bot.figures.numbers import month_in_words, number
from bot.figures.publishing import TOTAL, Month
from bot.figures.sampling.samples import Pool
from bot.figures.sampling.words import every, promised

FORMS = Path(__file__).with_name("forms.yml")


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class FormField:
    """A field of a form; ``of`` contains the names of the facts that fill it; ``means`` explains its name or is ''."""

    key: str
    name: str
    of: tuple[str, ...]
    means: str = ""


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class FormSection:
    title: str
    fields: tuple[FormField, ...]


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class Form:
    """A form in forms.yml; ``language`` is the ISO 639 code of the language of its field names."""

    id: str
    title: str
    language: str
    sections: tuple[FormSection, ...]


@dataclass(frozen=True)
class Filled:
    """A field with its paragraphs; ``pending`` is true if the agency must still write a fact for it."""

    field: FormField
    values: tuple[str, ...]
    pending: bool


@dataclass(frozen=True)
class Card:
    """A filled form; each of its ``sections`` is a title and the filled fields."""

    form: Form
    sections: tuple[tuple[str, tuple[Filled, ...]], ...]

    @property
    def pending(self) -> int:
        return sum(one.pending for _, fields in self.sections for one in fields)

    def to_json(self) -> str:
        """Returns the card as JSON, with a list of the keys of the pending fields."""
        content: dict[str, Any] = {"form": self.form.id, "title": self.form.title, "sections": []}
        for title, fields in self.sections:
            filled = {one.field.key: "\n".join(one.values) for one in fields}
            content["sections"].append({"title": title, "fields": filled})
        content["pending"] = [one.field.key for _, fields in self.sections for one in fields if one.pending]
        return json.dumps(content, ensure_ascii=False, indent=1)


@cache
def forms() -> Mapping[str, Form]:
    """Returns the forms, keyed by id. Raises ValidationError if forms.yml is invalid."""
    read = TypeAdapter(tuple[Form, ...]).validate_python(read_yaml_file(FORMS))
    return {one.id: one for one in read}


def cards(site: Site, months: Sequence[Month], pools: Sequence[Pool], settings: Mapping[str, str]) -> list[Card]:
    """Returns the card in every form; ``settings`` maps the page's placeholders to their values."""
    facts = facts_of(site, months, pools, settings)
    return [_filled(form, facts) for form in forms().values()]


def facts_of(
    site: Site, months: Sequence[Month], pools: Sequence[Pool], settings: Mapping[str, str]
) -> Mapping[str, str]:
    """Returns the facts, keyed by name; a fact that the agency must still write is ''."""
    encoder = site.encoder()
    values = {
        **names(site.agency),
        **settings,
        "canales": plain_text(markdown_spans(settings["canales"].replace("- ", "").replace("\n", " "))),
        "sitio": site.public_url.rstrip("/") or site.agency.site,
        "version": version("ventanilla"),
        "codificador": encoder.name or say("ficha.sin_codificador"),
        "promesa": promised(site.agency.risk),
        "encontrado": " ".join(plain_text(markdown_spans(one)) for one in every(pools)),
        "volumen": _volume(months),
        "canales_nombres": ", ".join(name_of(one) for one in site.channels),
    }
    content = {name: str(text).format(**values).strip() for name, text in area("ficha")["hechos"].items()}
    if encoder.name and not encoder.name.startswith(BUILD):
        content["modelo"] = say("ficha.otro_modelo", codificador=encoder.name)
    elif encoder.is_own:
        content["modelo"], content["datos_de_desarrollo"] = say("ficha.modelo_propio"), say("ficha.datos_propios")
    return content | own_facts(site.data).model_dump()


def _volume(months: Sequence[Month]) -> str:
    total = months[0].figures.get(TOTAL) if months else None
    if total is None or total.value is None:
        return say("ficha.sin_volumen")
    return say("ficha.volumen", n=number(total.value), mes=month_in_words(months[0].month).lower())


def _filled(form: Form, facts: Mapping[str, str]) -> Card:
    sections = []
    for section in form.sections:
        fields = []
        for field in section.fields:
            values = tuple(facts[name] for name in field.of if facts[name])
            fields.append(Filled(field, values, pending=len(values) < len(field.of)))
        sections.append((section.title, tuple(fields)))
    return Card(form, tuple(sections))
