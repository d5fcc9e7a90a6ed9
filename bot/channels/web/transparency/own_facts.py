"""Reads and checks data/transparencia.yml, the facts for the transparency card that only the agency knows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.core.logs import log
from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from bot.faq.entries.problem import Found, Problem

FILE = "transparencia.yml"


class OwnFacts(BaseModel):
    """The agency's facts; an empty fact is shown as pending."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, str_strip_whitespace=True)
    estado: Literal["", "en uso", "en desarrollo", "fuera de uso"] = ""
    desde: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")
    unidad: str = ""
    cargo_responsable: str = ""
    base_legal: str = ""
    registro_de_tratamientos: str = ""
    contratacion: str = ""
    id_de_compra: str = ""
    lugar_de_los_datos: str = ""
    evaluaciones: str = ""
    capacitacion: str = ""
    antes: str = ""
    alternativas: str = ""
    riesgos_propios: str = ""


def own_facts(data: Path) -> OwnFacts:
    """Returns the facts in ``data``/transparencia.yml; all facts are empty if the file is missing or invalid."""
    try:
        return read_own_facts(data)
    except (OSError, ValueError, yaml.YAMLError) as error:
        log.warning("transparency: facts not readable", error=type(error).__name__)
        return OwnFacts()


def read_own_facts(data: Path) -> OwnFacts:
    """Returns the facts in ``data``/transparencia.yml.

    Raises OSError, yaml.YAMLError or ValueError (ValidationError).
    """
    return OwnFacts.model_validate(read_yaml_file(data / FILE) or {})


def fact_problems(data: Path) -> list[Problem]:
    """Returns advice that names the empty facts, or an error if the file is missing or invalid; [] if none is empty."""
    found = Found(f"data/{FILE}")
    try:
        facts = read_own_facts(data)
    except (OSError, ValueError, yaml.YAMLError) as error:
        found.add("ficha_ilegible", 1, detalle=" ".join(str(error).split())[:300])
        return found.problems
    empty = [name for key, name in area("ficha")["propios"].items() if not getattr(facts, key)]
    if empty:
        found.advise("ficha_pendiente", 1, escrito=", ".join(empty))
    return found.problems
