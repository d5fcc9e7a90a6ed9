"""Tests editing FAQ files under a running system: saves go live within seconds, and broken files stop nothing."""

from __future__ import annotations

import re

import httpx

from tests.acceptance.people import Agent, Citizen
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.system import Installation

TRIED = {"text": "el papelito anual del tuto"}
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


def test_entry_is_written_tried_published_and_undone_on_the_page(installation: Installation, agent: Agent) -> None:
    def first_words() -> str:
        citizen = Citizen(installation.url)
        said = citizen.ask("¿Cómo pago el permiso de circulación?")
        citizen.close()
        return str(said[0]["text"])

    found = re.compile(r'href="(/desk/respuestas/[0-9a-f-]{36})">¿Cómo pago el permiso de circulación')
    page = eventually_blocking(lambda: found.search(agent.get("/desk/respuestas?q=permiso+circulacion").text))[1]
    agent.press(
        page, "guardar", version="0", respuesta="Se paga en la **caja nueva**.", frases="el papelito anual del tuto"
    )
    tried = agent.send(page.replace("/desk/", "/desk/api/").replace("respuestas", "entries") + "/try", TRIED)
    assert "permiso de circulación" in tried["after"][0] and tried["before"] != tried["after"]
    assert "caja nueva" not in first_words()
    assert "/efecto" in str(agent.press(page, "publicar", version="1").url)  # the other utterances are gone, and lost
    agent.press(page, "publicar", version="1", motivo_efecto="Se prueba con una sola frase.")
    eventually_blocking(lambda: "caja nueva" in first_words())
    revisions = re.findall(r'name="revision" value="(\d+)"', agent.get(page).text)
    agent.press(page, "volver", revision=revisions[-1])
    agent.press(page, "publicar", version="1", motivo_efecto="Se vuelve a lo que decía antes.")
    eventually_blocking(lambda: "impuesto anual" in first_words())


def test_new_changed_broken_and_deleted_entries_go_live(installation: Installation, agent: Agent) -> None:
    def answered(words: str) -> bool:
        """Returns whether a new citizen who asks about the pool gets a reply with ``words``."""
        citizen = Citizen(installation.url)
        said = citizen.ask("¿Cuándo abre la piscina municipal?")
        citizen.ask("volver") if "lugar" in said[-1]["text"] else None
        citizen.close()
        return words in said[0]["text"]

    def page() -> httpx.Response:
        return httpx.get(
            f"{installation.url}/tramites/piscina-municipal", headers={"Accept": "text/html"}, timeout=PATIENCE_S
        )

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
