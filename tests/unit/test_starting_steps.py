"""Tests the list of missing settings for a new agency, and who sees it first after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.core.texts import area
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import HOME
from bot.desk.pages.entries.list_page import FEW
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.pages.starting.page import HERE, first_page
from bot.desk.pages.starting.steps import Known, Step, is_demo, steps, ways
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.entries.problem import Problem
from tests.faq_files import write_folder, written


@dataclass(frozen=True)
class Person:
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Faq:
    entries: Sequence[Entry]
    problems: Sequence[Problem] = ()


def own(agency: Agency) -> Agency:
    """Returns an agency with all settings filled in."""
    privacy = replace(agency.privacy, delegate_name="Ana Soto", delegate_email="datos@agua.example")
    said = {"name": "Agua Los Boldos", "phone": "+56 2 2555 0199", "email": "hola@agua.example"}
    return replace(agency, **said, teams={"atencion": "Atención"}, privacy=privacy)


def lacking(known: Known) -> list[str]:
    return [one.title for one in steps(known) if not one.done]


def step(known: Known, title: str) -> Step:
    return next(one for one in steps(known) if one.title == title)


def test_values_of_the_demo_are_those_of_its_file(agency: Agency) -> None:
    demo = area("empezar")["demo"]
    assert (demo["nombre"], demo["telefono"], demo["correo"]) == (agency.name, agency.phone, agency.email)
    assert (sorted(demo["equipos"]), is_demo(agency)) == (sorted(agency.teams.values()), True)


def test_untouched_demo_lacks_everything_but_the_web_chat(agency: Agency) -> None:
    assert len(lacking(Known(agency, ()))) == len(steps(Known(agency, ()))) - 1 == 11


def test_completed_step_is_done(agency: Agency, tmp_path: Path) -> None:
    entries = load_folder(write_folder(tmp_path), None).entries
    ten = tuple(f"forma {number}" for number in range(10))
    denied = ("me cobraron dos veces",)
    many = [replace(entries[0], id=f"e{number}", variants=ten, counterexamples=denied) for number in range(FEW)]
    channels = (Channel.WEB, Channel.TELEGRAM)
    done = Known(own(agency), many, tests=10, channels=channels, editors=2)
    assert lacking(done) == []
    assert lacking(replace(done, entries=many[:-1], tests=9)) == ["Respuestas", "Mensajes de prueba"]
    assert lacking(replace(done, channels=(Channel.WEB,), editors=1)) == ["Una segunda persona"]


def test_entries_with_few_utterances_are_linked(agency: Agency, tmp_path: Path) -> None:
    (tmp_path / "calle").mkdir()
    (tmp_path / "calle" / "poda.md").write_text(written("poda", "¿Quién poda?", ["podar"]))
    entries = load_folder(tmp_path, None).entries
    short = step(Known(own(agency), entries, pages={"calle/poda.md": "one"}), "Formas de preguntar")
    assert short.state.startswith("1 respuestas tienen menos de 3")
    three = replace(entries[0], variants=("podar", "cortar ramas", "arbol grande"))
    assert step(Known(own(agency), [three]), "Formas de preguntar").done
    assert [(one.text, one.path) for one in short.links] == [("¿Quién poda?", f"{LIST}/one")]


def test_entries_without_counterexamples_are_linked(agency: Agency, tmp_path: Path) -> None:
    entries = load_folder(write_folder(tmp_path, ("bache", "chip")), None).entries
    denying = replace(entries[0], counterexamples=("choqué por el hoyo",))
    pages = {one.path: one.id for one in entries}
    lacks = step(Known(own(agency), [denying, entries[1]], pages=pages), "Lo que no responden")
    assert (lacks.done, [one.path for one in lacks.links]) == (False, [f"{LIST}/chip"])
    assert step(Known(own(agency), [denying]), "Lo que no responden").done


def test_drafts_that_wait_are_told_and_linked_first(agency: Agency) -> None:
    answers = step(Known(own(agency), (), drafts=8), "Respuestas")
    assert "En borrador hay 8" in answers.state and answers.links[0].path == f"{LIST}?estado=draft"
    none = step(Known(own(agency), ()), "Respuestas")
    assert "borrador" not in none.state and none.links[0].path == "#listas"


def test_link_is_shown_only_to_those_who_may_follow_it(agency: Agency) -> None:
    second = step(Known(agency, ()), "Una segunda persona")
    assert [one.needs for one in second.links] == [Permission.STAFF]
    assert (ways(second, Person(("editor",))), ways(second, Person(("admin",)))) == ([], list(second.links))


@pytest.mark.parametrize(
    ("roles", "expected"),
    [(("admin",), HERE), (("editor",), HERE), (("agent", "editor"), HOME), (("supervisor", "admin"), HOME)],
)
def test_person_who_sets_up_an_agency_sees_the_missing_steps_first(
    agency: Agency, tmp_path: Path, roles: tuple[str, ...], expected: str
) -> None:
    few = Faq(load_folder(write_folder(tmp_path), None).entries)
    many = Faq([few.entries[0]] * FEW)
    assert first_page(own(agency), few, Person(roles)) == expected
    assert first_page(own(agency), many, Person(roles)) == HOME
    assert first_page(agency, many, Person(roles)) == expected
    typed = [first_page(one, few, Person(roles), True) for one in (own(agency), agency)]
    assert typed == [expected, HOME]
