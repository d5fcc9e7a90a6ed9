"""Tests how the desk words the mark of a citizen who told of a danger."""

from __future__ import annotations

import pytest

from bot.agency.model import Agency
from bot.conversation.state import KeptDanger
from bot.core.texts import area
from bot.desk.views.dangers import DangerView, danger_view

GAS, HEALTH, OLD_FIRE = KeptDanger("gas", True, 5), KeptDanger("medica", False, 9), KeptDanger("incendio", True, 1)


@pytest.mark.parametrize(
    ("dangers", "mark"),
    [
        ((), None),
        ((HEALTH,), DangerView("Posible emergencia: salud", False)),
        ((HEALTH, GAS), DangerView("Emergencia: gas", True)),
        ((OLD_FIRE, GAS), DangerView("Emergencia: gas, incendio", True)),
        ((KeptDanger("corte_de_agua", False, 1),), DangerView("Posible emergencia: corte de agua", False)),
    ],
)
def test_mark_names_the_surest_kinds_newest_first(dangers: tuple[KeptDanger, ...], mark: DangerView | None) -> None:
    assert danger_view(dangers) == mark


def test_every_kind_of_the_agency_has_a_name(agency: Agency) -> None:
    assert set(area("desk")["peligros"]["tipos"]) == set(agency.emergencies)
