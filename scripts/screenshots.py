"""Takes all screenshots of the docs from a running system and writes them to docs/images: ``make screenshots``.

Screenshots for the README are taken in light and dark mode, those for the guides in light mode only. demo_town.py and
demo_people.py create the people and conversations shown in them.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page, expect, sync_playwright

from scripts.camera import DESKTOP, PHONE, THEMES, Camera
from scripts.demo_people import (
    HELLO,
    LACKING,
    POTHOLE,
    QUESTIONS,
    SHEET,
    THANKS,
    UNSURE,
    WHERE,
    all_write,
    beto_attends,
    comes_back,
    many_asked_yesterday,
    some_complain,
    two_ask_to_be_called,
)
from scripts.demo_town import ANA, EVA, PASSWORD, Town, town
from scripts.staff_scenes import StaffScenes
from tests.browser.chat_page import BELOW_THE_FIELD, ask
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.home import ROOT

IMAGES = ROOT / "docs" / "images"
HOME = ROOT / ".ventanilla" / "screenshots"
CHAT = (1280, 800)
SHORT_PHONE = (390, 720)
PAGE = (1180, 760)
TO_ITS_START = "one => one.closest('.scroller').scrollTop = one.offsetTop - 3"


class Shoot:
    """Takes the screenshots in the order in which the scenes happen."""

    def __init__(self, made: Town, camera: Camera) -> None:
        self.town = made
        self.camera = camera

    def run(self) -> None:
        more = StaffScenes(self.town, self.camera)
        many_asked_yesterday(self.town)
        self.chat()
        self.sign_in_page()
        two_ask_to_be_called(self.town)
        all_write(self.town)
        some_complain(self.town)
        more.complaint()
        citizen = self.somebody_waits()
        comes_back(self.town)
        beto_attends(self.town)
        desk = self.desk_opens()
        self.lists(desk)
        more.emergency()
        self.ana_answers(desk, citizen)
        self.desks()
        more.citizen_in_danger()
        more.live_view()
        self.parts(desk)
        self.approval(desk)
        self.ana_closes(desk)
        more.complaints()
        more.backlog()
        self.pages()

    def chat(self) -> None:
        """Takes screenshots of a long answer's start on a desktop, and of another answer's end on a phone."""
        for scheme in THEMES:
            page = self.camera.open(CHAT, scheme)
            self._ask(page, QUESTIONS[0])
            page.locator("ventanilla-chat .citizen").evaluate(TO_ITS_START)
            self.camera.shoot(page, f"chat-{scheme}")
            page.context.close()
            page = self.camera.open(PHONE, scheme)
            self._ask(page, QUESTIONS[1])
            self.camera.shoot(page, f"chat-phone-{scheme}")
            page.context.close()

    def _ask(self, page: Page, question: str) -> None:
        """Opens the chat, asks a question and scrolls down to the answer's source."""
        page.goto(f"{self.town.url}/{BELOW_THE_FIELD}")
        page.locator("ventanilla-chat .launcher").click()
        ask(page, question)
        expect(page.locator("ventanilla-chat .source").last).to_be_visible()
        page.locator("ventanilla-chat .scroller").evaluate("one => one.scrollTop = 1e6")

    def sign_in_page(self) -> None:
        page = self.camera.open(PAGE)
        page.goto(f"{self.town.url}/desk")
        page.get_by_label("Correo").fill(ANA)
        self.camera.shoot(page, "entrar")
        page.context.close()

    def somebody_waits(self) -> Page:
        """Takes a screenshot of a waiting citizen's chat on a phone; returns the page, to which Ana will reply."""
        page = self.camera.open(SHORT_PHONE)
        self._ask(page, POTHOLE[0])
        ask(page, POTHOLE[1])
        expect(page.locator("ventanilla-chat .queue")).to_be_visible()
        page.wait_for_timeout(1500)
        self.camera.shoot(page, "persona-espera")
        page.get_by_label("Escribe tu mensaje").fill(POTHOLE[2])
        page.keyboard.press("Enter")
        expect(page.get_by_role("log")).to_contain_text(POTHOLE[2])
        expect(page.locator("ventanilla-chat .pending")).to_have_count(0)
        return page

    def desk_opens(self) -> Page:
        for who in (ANA, EVA):
            page = self.camera.open(DESKTOP)
            page.goto(f"{self.town.url}/desk")
            page.get_by_label("Correo").fill(who)
            page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Entrar").click()
            page.wait_for_url("**/desk")
            self.camera.keep_session(who, page)
            page.context.close()
        return self._desk(DESKTOP)

    def _desk(self, size: tuple[int, int], scheme: str = "light") -> Page:
        page = self.camera.open(size, scheme, who=ANA)  # type: ignore[arg-type]
        page.goto(f"{self.town.url}/desk")
        expect(page.locator("#link-state")).to_have_attribute("data-state", "connected")
        expect(page.locator('[data-section="waiting"] .row').first).to_be_visible()
        page.wait_for_timeout(2000)  # until the highlight of new rows has faded
        return page

    def lists(self, desk: Page) -> None:
        self.camera.shoot(desk, "lista", of=desk.locator("#board"))
        desk.locator(".row", has_text="abuela").click()
        expect(desk.locator("#contacts li")).to_be_visible()
        self.camera.shoot(desk, "por-que", of=desk.locator("#why"))

    def ana_answers(self, desk: Page, citizen: Page) -> None:
        desk.locator(".row", has_text=POTHOLE[2][:20]).click()
        expect(desk.locator("#claim")).to_be_visible()
        desk.wait_for_timeout(700)
        self.camera.shoot(desk, "tomar", of=desk.locator("#open"))
        desk.locator("#claim").click()
        desk.get_by_label("Escribe tu respuesta").fill(HELLO)
        desk.keyboard.press("Enter")
        expect(citizen.get_by_role("log")).to_contain_text(HELLO)
        citizen.get_by_label("Escribe tu mensaje").fill(WHERE)
        citizen.keyboard.press("Enter")
        expect(desk.get_by_role("log")).to_contain_text(WHERE)
        expect(citizen.locator("ventanilla-chat .seen")).to_be_visible()
        desk.get_by_label("Escribe tu respuesta").press_sequentially("Gracias, le aviso", delay=350)
        expect(citizen.locator("ventanilla-chat .typing")).to_be_visible()
        self.camera.shoot(citizen, "persona-atendida")
        desk.get_by_label("Escribe tu respuesta").fill("")

    def desks(self) -> None:
        for scheme in THEMES:
            page = self._desk(DESKTOP, scheme)
            page.locator('[data-section="mine"] .row').first.click()
            expect(page.locator("#suggested")).to_be_visible()
            page.wait_for_timeout(1500)
            self.camera.shoot(page, f"desk-{scheme}")
            page.context.close()
            page = self._desk(PHONE, scheme)
            self.camera.shoot(page, f"desk-phone-{scheme}")
            page.context.close()

    def parts(self, desk: Page) -> None:
        foot = desk.locator(".foot")
        opened = desk.locator("#suggested summary").nth(1)
        opened.click()
        self.camera.shoot(desk, "sugeridas", of=foot)
        opened.click()
        desk.get_by_label("Escribe tu respuesta").fill("/bache")
        expect(desk.locator("#picker [role=option]").first).to_be_visible()
        self.camera.shoot(desk, "barra", of=foot)
        desk.get_by_label("Escribe tu respuesta").fill("")
        desk.locator("#close").click()
        self.camera.shoot(desk, "cerrar", of=desk.locator("#confirm"), margin=24)
        desk.locator("#confirm-stay").click()
        desk.locator("#search").fill("subsidio agua")
        expect(desk.locator("#found .row").first).to_be_visible()
        self.camera.shoot(desk, "buscar", of=desk.locator("#board"), most=290)
        desk.locator("#search").fill("")
        desk.locator("#account summary").click()
        desk.wait_for_timeout(1000)
        self.camera.shoot(desk, "menu", of=desk.locator("#account .menu"), margin=16)
        desk.locator("#account summary").click()

    def approval(self, desk: Page) -> None:
        """Takes a screenshot of an answer that needs an agent's approval, since its confidence is too low."""
        citizen = self.camera.open(SHORT_PHONE)
        citizen.goto(f"{self.town.url}/{BELOW_THE_FIELD}")
        citizen.locator("ventanilla-chat .launcher").click()
        citizen.get_by_label("Escribe tu mensaje").fill(UNSURE)
        citizen.keyboard.press("Enter")
        expect(desk.locator("#proposals")).to_be_visible()
        self.camera.shoot(desk, "por-confirmar", of=desk.locator("#proposals"))
        citizen.context.close()

    def ana_closes(self, desk: Page) -> None:
        """Answers, closes the ticket, and suggests a question to the FAQ's editors while closing."""
        desk.locator('[data-section="mine"] .row').first.click()
        desk.get_by_label("Escribe tu respuesta").fill(THANKS)
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("log")).to_contain_text(THANKS)
        desk.locator("#close").click()
        dialog = desk.locator("#confirm")
        dialog.get_by_text("No estaba en las preguntas frecuentes").click()
        dialog.locator("#lacking-question").fill("¿Quién me paga el neumático si lo rompí en un bache?")
        dialog.locator("#lacking-draft").fill(LACKING)
        desk.get_by_role("radio", name="Resuelta").check()
        desk.locator("#confirm-close").click()
        expect(desk.locator("#read-only")).to_be_visible()

    def pages(self) -> None:
        for name, path, who in (
            ("llamadas", "llamadas", ANA),
            ("guardadas", "guardadas", EVA),
            ("cuenta", "cuenta", EVA),
            ("respuestas", "respuestas", EVA),
            ("respuesta", "respuestas", EVA),
            ("traer", "respuestas/traer", EVA),
        ):
            page = self.camera.open(PAGE, who=who)
            page.goto(f"{self.town.url}/desk/{path}")
            if name == "llamadas":
                page.get_by_role("button", name="Tomar", exact=True).first.click()
                page.get_by_role("button", name="Ver contacto").click()
                page.locator(".contact").wait_for()
                page.set_viewport_size({"width": PAGE[0], "height": 960})
                page.evaluate("scrollTo(0, 0)")
            if name == "respuesta":
                page.get_by_label("Buscar").fill("permiso de circulación")
                page.keyboard.press("Enter")
                page.get_by_role("link", name="permiso de circulación").first.click()
                page.get_by_label("Lo que leerá la gente").wait_for()
            if name == "traer":
                sheet = {"name": "preguntas.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
                page.get_by_label("El archivo").set_input_files([sheet])  # type: ignore[list-item]
                page.get_by_role("button", name="Ver qué trae").click()
                page.get_by_role("heading", name="Lo que se traería").wait_for()
            self.camera.shoot(page, name)
            page.context.close()


def main() -> None:
    if CHROMIUM is None:
        sys.exit("no Chromium: apt-get install chromium, or set CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    with town(HOME) as made, sync_playwright() as playwright:
        made.hire()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        Shoot(made, Camera(browser, IMAGES, made.zone)).run()
        browser.close()
    sizes = {path.name: path.stat().st_size // 1024 for path in sorted(IMAGES.glob("*.webp"))}
    sys.stdout.write(
        "\n".join(f"{size:5} kB  {name}" for name, size in sizes.items()) + f"\n{sum(sizes.values())} kB\n"
    )


if __name__ == "__main__":
    main()
