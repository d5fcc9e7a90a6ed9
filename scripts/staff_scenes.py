"""Takes the screenshots of an emergency, of complaints, and of the pages of supervisors and editors."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from scripts.camera import DESKTOP, PHONE, Camera
from scripts.demo_people import COMPLAINT, EMERGENCY, emergencies_end
from scripts.demo_town import ANA, EVA, Town
from tests.browser.chat_page import BELOW_THE_FIELD, ask

SHEET = (1180, 960)
LIVE = (1180, 1472)
CHAT_PHONE = (390, 720)


@dataclass(frozen=True)
class StaffScenes:
    """Takes the screenshots; all but ``citizen_in_danger`` and ``complaint`` need people who have already written."""

    town: Town
    camera: Camera

    def citizen_in_danger(self) -> None:
        """Takes a screenshot of an emergency as the citizen sees it on a phone."""
        page = self._chat()
        for text in EMERGENCY:
            ask(page, text)
            page.wait_for_timeout(500)
        expect(page.get_by_role("link", name="Llamar al 132").last).to_be_visible()
        self.camera.shoot(page, "persona-emergencia")
        page.context.close()

    def complaint(self) -> None:
        """Takes a screenshot of a complaint before it is sent, and sends it."""
        page = self._chat()
        for text in COMPLAINT:
            ask(page, text)
            page.wait_for_timeout(500)
        send = page.get_by_role("button", name="Enviar reclamo")
        expect(send).to_be_visible()
        page.wait_for_timeout(700)
        self.camera.shoot(page, "persona-reclamo")
        send.click()
        expect(page.get_by_role("log")).to_contain_text("quedó recibido con el número")
        page.context.close()

    def _chat(self) -> Page:
        page = self.camera.open(CHAT_PHONE)
        page.goto(f"{self.town.url}/{BELOW_THE_FIELD}")
        page.locator("ventanilla-chat .launcher").click()
        return page

    def emergency(self) -> None:
        """Takes screenshots of an emergency at the desk, before anybody takes it."""
        for size, name in ((DESKTOP, "emergencia"), (PHONE, "emergencia-telefono")):
            page = self.camera.open(size, who=ANA)
            page.goto(f"{self.town.url}/desk")
            page.locator('.row[data-priority="emergency"]').first.click()
            expect(page.locator("#danger")).to_be_visible()
            expect(page.locator("#claim")).to_be_visible()
            page.wait_for_timeout(2000)  # until the highlight of new rows has faded
            self.camera.shoot(page, name)
            page.context.close()

    def live_view(self) -> None:
        for size, name in ((LIVE, "en-vivo"), (PHONE, "en-vivo-telefono")):
            page = self.camera.open(size, who=EVA)
            page.goto(f"{self.town.url}/desk/en-vivo")
            expect(page.locator("#emergencies .wait").first).to_be_visible()
            expect(page.locator("#agents .agent").first).to_be_visible()
            page.wait_for_timeout(700)
            self.camera.shoot(page, name)
            page.context.close()
        emergencies_end(self.town)  # their banner would be above every other page

    def complaints(self) -> None:
        """Answers one complaint and takes a screenshot of the list of complaints."""
        page = self.camera.open(SHEET, who=EVA)
        page.goto(f"{self.town.url}/desk/reclamos")
        older = page.locator(".complaint").last
        older.get_by_text("Cambiar el estado").click()
        older.locator('.choice:has([value="in_review"])').click()
        older.locator("[name=respuesta]").fill("La cuadrilla va el jueves en la mañana.")
        older.get_by_role("button", name="Guardar y avisar").click()
        expect(page.get_by_role("status")).to_be_visible()
        page.goto(f"{self.town.url}/desk/reclamos")
        page.wait_for_timeout(500)
        self.camera.shoot(page, "reclamos")
        page.context.close()

    def backlog(self) -> None:
        page = self.camera.open(SHEET, who=EVA)
        page.goto(f"{self.town.url}/desk/bandeja")
        expect(page.locator(".group").first).to_be_visible()
        page.wait_for_timeout(500)
        self.camera.shoot(page, "bandeja")
        page.context.close()
