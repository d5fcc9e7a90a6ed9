"""Tests editing FAQ files under a running system: saves go live within seconds, broken files take nothing down."""

from __future__ import annotations

import httpx

from tests.acceptance.people import Agent, Citizen
from tests.eventually import eventually_blocking
from tests.system import Installation

ENTRY = """---
id: piscina-municipal
pregunta: "¿Cuándo abre la piscina municipal?"
variantes:
  - a que hora se puede ir a nadar a la piscina de la muni
  - valor de la entrada a la piscina municipal
  - cuando parte la temporada de piscina
tema: deportes
equipo: atencion
fuente: https://www.losaromos.example/piscina
fuente_nombre: Municipalidad de Los Aromos
responsable: Deportes
revisado: 2026-11-01
---
La piscina municipal abre de diciembre a marzo, de martes a domingo.
"""


def test_new_changed_broken_and_deleted_entries_go_live(installation: Installation, agent: Agent) -> None:
    def answered(words: str) -> bool:
        """Returns whether a new citizen who asks now gets this text."""
        citizen = Citizen(installation.url)
        said = citizen.ask("¿Cuándo abre la piscina municipal?")
        citizen.ask("volver") if "lugar" in said[-1]["text"] else None
        citizen.close()
        return words in said[0]["text"]

    def page() -> httpx.Response:
        return httpx.get(f"{installation.url}/tramites/piscina-municipal", headers={"Accept": "text/html"})

    path = installation.faq / "deportes" / "piscina-municipal.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(ENTRY, encoding="utf-8")
    eventually_blocking(lambda: answered("diciembre a marzo"))
    eventually_blocking(lambda: "diciembre a marzo" in page().text)
    path.write_text(ENTRY.replace("diciembre", "noviembre"), encoding="utf-8")
    eventually_blocking(lambda: answered("noviembre a marzo"))
    path.write_text(ENTRY.replace("pregunta:", "pregunta"), encoding="utf-8")
    eventually_blocking(lambda: any("piscina" in problem["file"] for problem in agent.board()["problems"]))
    assert answered("noviembre a marzo")
    path.unlink()
    eventually_blocking(lambda: agent.board()["problems"] == [])
    eventually_blocking(lambda: not answered("noviembre"))
    eventually_blocking(lambda: page().status_code == 404)
    assert "Esta página no existe" in page().text
