"""Checks the packs (prepared notices) in data/crisis for ``ventanilla check``.

Reports invalid files, unknown teams, entries and opening hours, and measures with unfilled [placeholders].
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import yaml

from bot.desk.crisis.gaps import gaps_in
from bot.desk.crisis.pack_measures import missing
from bot.desk.crisis.packs import FOLDER, Pack, read_pack
from bot.faq.entries.problem import Found, Problem


def pack_problems(
    data: Path, teams: Collection[str], entries: Collection[str], demo: Collection[str] = ()
) -> list[Problem]:
    """Returns the problems of all packs.

    ``teams`` are the keys of the agency's teams, ``entries`` the ids of its entries. ``demo`` are the teams and entries
    of the demo. The project's packs refer to the demo's teams and entries, so these are not reported as missing to an
    agency that lacks them.
    """
    problems: list[Problem] = []
    for file in sorted((data / FOLDER).glob("*.yml")):
        found = Found(f"data/{FOLDER}/{file.name}", problems)
        try:
            pack = read_pack(file)
        except (OSError, ValueError, yaml.YAMLError) as error:
            found.add("paquete_ilegible", 1, detalle=" ".join(str(error).split())[:300])
            continue
        _check(pack, found, {*teams, *demo}, {*entries, *demo})
    return problems


def _check(pack: Pack, found: Found, teams: Collection[str], entries: Collection[str]) -> None:
    for one in pack.medidas.read():
        if missing(one, teams, entries):
            found.advise("paquete_desconocido", 1, "medidas", escrito=one.target)
        if gaps_in(one.value):
            found.advise("paquete_con_huecos", 1, "medidas", escrito=one.value[:60])
    for entry in pack.reemplaza:
        if entry not in entries:
            found.advise("paquete_desconocido", 1, "reemplaza", escrito=entry)
