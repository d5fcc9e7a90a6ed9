"""Tests how the desk words the mark of a citizen who reported a danger."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.conversation.state import KeptDanger
from bot.core.texts import area
from bot.desk.views.dangers import danger_view
from tests.rows import each_row

GAS, HEALTH, OLD_FIRE = KeptDanger("gas", True, 5), KeptDanger("medica", False, 9), KeptDanger("incendio", True, 1)


@each_row(
    ("dangers", "mark"),
    [
        ((), None),
        ((HEALTH,), ("Posible emergencia: salud", False)),
        ((HEALTH, GAS), ("Emergencia: gas", True)),
        ((OLD_FIRE, GAS), ("Emergencia: gas, incendio", True)),
        ((KeptDanger("gas", True, 5, 6),), ("Emergencia: gas · la persona dice que no es una emergencia", True)),
        ((KeptDanger("gas", True, 5, 6), OLD_FIRE), ("Emergencia: gas, incendio", True)),
        ((KeptDanger("gas", True, 7, 6),), ("Emergencia: gas", True)),  # possible again after the denial
        ((KeptDanger("gas", True, 5, 6), HEALTH), ("Emergencia: salud, gas", True)),
        (
            (KeptDanger("gas", True, 5, 10), HEALTH),
            ("Emergencia: gas · la persona dice que no es una emergencia", True),
        ),
        ((KeptDanger("corte_de_agua", False, 1),), ("Posible emergencia: corte de agua", False)),
    ],
)
def test_mark_names_the_surest_kinds_newest_first(
    agency: Agency, dangers: tuple[KeptDanger, ...], mark: tuple[str, bool] | None
) -> None:
    view = danger_view(dangers, agency)
    assert (view and (view.words, view.sure)) == mark


def test_mark_has_the_protocol_and_the_numbers_of_its_kinds(agency: Agency) -> None:
    view = danger_view((OLD_FIRE, GAS), agency)
    assert view
    assert view.numbers == ["132", "130"]
    assert view.protocol == [*agency.emergency_protocols["gas"], *agency.emergency_protocols["incendio"]]


def test_kind_without_a_protocol_has_the_general_one(agency: Agency) -> None:
    view = danger_view((KeptDanger("corte_de_agua", True, 1),), agency)
    assert view
    assert view.protocol == list(agency.emergency_protocols["general"])
    assert "131" in view.numbers


def test_every_emergency_of_the_demo_has_a_protocol(agency: Agency) -> None:
    assert all(agency.emergency_protocols[kind] for kind in agency.emergencies)


def test_every_kind_of_the_agency_has_a_name(agency: Agency) -> None:
    assert set(area("desk")["peligros"]["tipos"]) == set(agency.emergencies)
