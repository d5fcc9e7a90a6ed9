"""Tests which prepared pack the card of an alarm proposes."""

from __future__ import annotations

import pytest

from bot.core.settings import ROOT
from bot.desk.crisis.fitting import fitting
from bot.desk.crisis.packs import packs

PACKS = packs(ROOT / "data")


@pytest.mark.parametrize(
    ("texts", "pack"),
    [
        ([("no tengo agua en la villa", 8), ("a qué hora llega el agua", 3)], "corte-de-agua"),
        ([("hay un incendio en el cerro", 4), ("no tengo agua", 2)], "incendio"),
        ([("hubo un temblor re fuerte", 4)], "sismo"),
        ([("la página no carga", 5), ("no puedo pagar, el sistema tira error", 5)], "sistema-caido"),
        ([("corte de luz en el sector norte", 9)], ""),
        ([("hay un incendio en el cerro", 4), ("dónde pago la patente", 4)], ""),
        ([("quiero la beca", 9)], ""),
        ([], ""),
    ],
)
def test_pack_is_proposed_if_it_fits_most_citizens(texts: list[tuple[str, int]], pack: str) -> None:
    assert fitting(PACKS, texts) == pack


def test_without_packs_no_pack_is_proposed() -> None:
    assert fitting({}, [("hay un incendio", 3)]) == ""
